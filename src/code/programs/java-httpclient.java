// Needs Java 11 or later, org.json (org.json:json), and the app token in the environment variable MESIBO_APP_TOKEN.

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

«imports»
import org.json.JSONObject;

public class MesiboCall {
    public static void main(String[] args) throws Exception {
        if (System.getenv("MESIBO_APP_TOKEN") == null || System.getenv("MESIBO_APP_TOKEN").isEmpty()) {
            throw new IllegalStateException("MESIBO_APP_TOKEN is not set: put your app token there");
        }

        «variables»
        JSONObject payload = «payload»;

        HttpClient client = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(10)).build();
        HttpRequest request = HttpRequest.newBuilder(URI.create(«url»))
            .timeout(Duration.ofSeconds(30))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(payload.toString()))
            .build();
        HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() != 200) {
            throw new IOException("the API answered HTTP " + response.statusCode());
        }

        JSONObject answer = new JSONObject(response.body());
        if (!answer.optBoolean("result")) {
            throw new IllegalStateException(
                answer.optString("error", "FAILED") + ": " + answer.optString("cause", "the API gives no cause"));
        }
        // mesibo's answers may hold the app token: in your own program, take what you need and log no more.
        System.out.println(response.body());
    }
}
