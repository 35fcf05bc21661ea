package retrofit2;

import com.google.gson.Gson;

public interface Converter {
    abstract class Factory {
        final Gson gson;

        protected Factory(Gson gson) {
            this.gson = gson;
        }
    }
}
