package retrofit2.converter.gson;

import com.google.gson.Gson;
import retrofit2.Converter;

public final class GsonConverterFactory extends Converter.Factory {
    private GsonConverterFactory(Gson gson) {
        super(gson);
    }

    public static GsonConverterFactory create(Gson gson) {
        return new GsonConverterFactory(gson);
    }
}
