// Kind: Java 11 and later: java.net.http.HttpClient with a form in the body. On a plain connection it
// offers an upgrade to HTTP/2, which a server may pass over but not trip over. Run with `java File.java`.
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

public class HttpClientClient {
    private static final String API = System.getenv("GATEWAY") + "/backend";
    private static final String PHONE = System.getenv("SANDBOX") + "/sandbox/";
    private static final String TOKEN = "sandbox-java-http";
    private static final String APPID = "com.example.spring";
    // The emoji is written in escapes because a machine's own encoding may not be UTF-8.
    private static final String TEXT = "Hi \"Ben\" & 'all': 50% off + more\nsee you \uD83C\uDF89 {ok}";
    private static final String TEXT_IN_JSON =
            "\"message\":\"Hi \\\"Ben\\\" & 'all': 50% off + more\\nsee you \uD83C\uDF89 {ok}\"";

    private final HttpClient client = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(10)).build();

    private static String form(Map<String, String> params) {
        return params.entrySet().stream()
                .map(e -> e.getKey() + "=" + URLEncoder.encode(e.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return client.send(request.timeout(Duration.ofSeconds(30)).build(), HttpResponse.BodyHandlers.ofString());
    }

    private String call(String op, String... params) throws Exception {
        Map<String, String> fields = new LinkedHashMap<>();
        for (int i = 0; i < params.length; i += 2) fields.put(params[i], params[i + 1]);
        fields.putAll(Map.of("op", op, "token", TOKEN));
        HttpRequest.Builder post = HttpRequest.newBuilder(URI.create(API)).POST(BodyPublishers.ofString(form(fields)));
        HttpResponse<String> response = send(post.header("Content-Type", "application/x-www-form-urlencoded"));
        expect(response.statusCode() == 200, op + ": HTTP " + response.statusCode());
        return response.body();
    }

    private String ok(String op, String... params) throws Exception {
        String body = call(op, params);
        expect(body.contains("\"result\":true"), op + ": " + body);
        return body;
    }

    private static long number(String name, String body) {
        Matcher matcher = Pattern.compile("\"" + name + "\"\\s*:\\s*(\\d+)").matcher(body);
        expect(matcher.find(), "a number " + name + " in " + body);
        return Long.parseLong(matcher.group(1));
    }

    private static void expect(boolean holds, String what) {
        if (!holds) throw new IllegalStateException("not as expected: " + what);
    }

    private boolean logsIn(String access) throws Exception {
        URI login = URI.create(PHONE + "login?" + form(Map.of("token", access, "appid", APPID)));
        return send(HttpRequest.newBuilder(login).POST(BodyPublishers.noBody())).statusCode() == 200;
    }

    private void life() throws Exception {
        long ana = number("uid", ok("useradd", "addr", "ana@x.test", "appid", APPID, "name", ""));
        String added = ok("useradd", "addr", "ben@x.test", "appid", APPID, "groups", "5", "session", "0");
        String ben = Long.toString(number("uid", added));
        String access = added.replaceFirst(".*\"token\"\\s*:\\s*\"([^\"]+)\".*", "$1");
        expect(logsIn(access), "the token logs in: " + added);
        ok("userset", "uid", ben, "active", "false");
        expect(!logsIn(access), "a blocked user cannot log in");
        expect(Long.toString(number("uid", ok("userset", "uid", ben, "active", "true"))).equals(ben), "userset's uid");

        String gid = Long.toString(number("gid", ok("groupadd", "name", "Ops", "flag", "32", "active", "1")));
        ok("groupeditmembers", "gid", gid, "m", "ana@x.test,ben@x.test,", "cs", "1", "cr", "1");
        String members = ok("getmembers", "gid", gid, "count", "20");
        expect(number("uid", members) == ana && members.contains("\"cansend\":\"1\""), "the members: " + members);

        ok("message", "from", "ana@x.test", "to", "ben@x.test", "gid", "", "msg", TEXT);
        ok("message", "from", "ana@x.test", "gid", gid, "msg", TEXT);
        String query = form(Map.of("app", TOKEN, "address", "ben@x.test"));
        String inbox = send(HttpRequest.newBuilder(URI.create(PHONE + "inbox?" + query))).body();
        expect(inbox.split(Pattern.quote(TEXT_IN_JSON), -1).length == 3, "both messages on the phone: " + inbox);

        ok("groupeditmembers", "gid", gid, "m", "ana@x.test,ben@x.test", "cs", "0", "delete", "1");
        expect(ok("getmembers", "gid", gid).contains("\"members\":[]"), "no members left");
        ok("deltoken", "uid", ben);
        expect(!logsIn(access), "a deleted token logs nobody in");
        expect(number("gid", ok("groupdel", "gid", gid)) == Long.parseLong(gid), "groupdel's gid");
        ok("deluser", "uid", ben);
        expect(number("uid", ok("deluser", "uid", Long.toString(ana))) == ana, "deluser's uid");
        String refused = call("groupadd", "name", "Ops", "flag", "round-robin");
        expect(refused.contains("\"result\":false") && number("code", refused) == 400, "a bad flag: " + refused);
    }

    public static void main(String[] args) {
        try {
            new HttpClientClient().life();
        } catch (Exception e) {
            System.err.println("HttpClientClient.java: " + e);
            System.exit(1);
        }
    }
}
