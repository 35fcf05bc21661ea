// Needs Java 8 or later, OkHttp 3.12 or later (com.squareup.okhttp3:okhttp), org.json (org.json:json; Android has it),
// and the app token in the environment variable MESIBO_APP_TOKEN.

import java.io.IOException;
import java.util.concurrent.TimeUnit;

import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
«imports»
import org.json.JSONObject;

public class MesiboCall {
    public static void main(String[] args) throws Exception {
        if (System.getenv("MESIBO_APP_TOKEN") == null || System.getenv("MESIBO_APP_TOKEN").isEmpty()) {
            throw new IllegalStateException("MESIBO_APP_TOKEN is not set: put your app token there");
        }

        «variables»
        JSONObject payload = «payload»;

        OkHttpClient client = new OkHttpClient.Builder().callTimeout(30, TimeUnit.SECONDS).build();
        Request request = new Request.Builder()
            .url(«url»)
            .post(RequestBody.create(MediaType.get("application/json"), payload.toString()))
            .build();
        try (Response response = client.newCall(request).execute()) {
            if (!response.isSuccessful()) {
                throw new IOException("the API answered HTTP " + response.code());
            }
            String body = response.body().string();
            JSONObject answer = new JSONObject(body);
            if (!answer.optBoolean("result")) {
                throw new IllegalStateException(
                    answer.optString("error", "FAILED") + ": " + answer.optString("cause", "the API gives no cause"));
            }
            // mesibo's answers may hold the app token: in your own program, take what you need and log no more.
            System.out.println(body);
        } finally {
            // A connection that is kept would keep the program from its end.
            client.connectionPool().evictAll();
            client.dispatcher().executorService().shutdown();
        }
    }
}
