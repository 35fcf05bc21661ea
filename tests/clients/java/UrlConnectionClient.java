// Kind: a Java or Android back end of 2018: HttpURLConnection, a URL glued from encoded pieces, and a
// BufferedReader. getInputStream() throws for any status from 400 on. Run with `java File.java`.

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.HttpURLConnection;
import java.net.URL;
import java.net.URLEncoder;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

public class UrlConnectionClient {
    private static final String API = System.getenv("GATEWAY") + "/api.php";
    private static final String PHONE = System.getenv("SANDBOX") + "/sandbox/";
    private static final String TOKEN = "sandbox-java-url";
    private static final String APPID = "com.example.android";
    // The emoji is written in escapes because a machine's own encoding may not be UTF-8.
    private static final String TEXT = "Hi \"Ben\" & 'all': 50% off + more\nsee you \uD83C\uDF89 {ok}";
    private static final String TEXT_IN_JSON =
            "\"message\":\"Hi \\\"Ben\\\" & 'all': 50% off + more\\nsee you \uD83C\uDF89 {ok}\"";

    private static String fetch(String method, String address) throws IOException {
        HttpURLConnection connection = (HttpURLConnection) new URL(address).openConnection();
        connection.setRequestMethod(method);
        connection.setReadTimeout(30000);
        connection.setRequestProperty("Content-Type", "application/json");
        int status = connection.getResponseCode();
        if (status != HttpURLConnection.HTTP_OK) throw new IOException("HTTP " + status);
        BufferedReader in = new BufferedReader(new InputStreamReader(connection.getInputStream(), "UTF-8"));
        String response = "";
        String line;
        while ((line = in.readLine()) != null) response += line;
        in.close();
        return response;
    }

    private static String call(String op, String... params) throws IOException {
        String url = API + "?token=" + TOKEN + "&op=" + op;
        for (int i = 0; i < params.length; i += 2) {
            url += "&" + params[i] + "=" + URLEncoder.encode(params[i + 1], "UTF-8");
        }
        return fetch("GET", url);
    }

    private static String ok(String op, String... params) throws IOException {
        String response = call(op, params);
        expect(response.contains("\"result\":true") && !response.contains("\"error\""), op + ": " + response);
        return response;
    }

    private static String find(String pattern, String response) {
        Matcher matcher = Pattern.compile(pattern).matcher(response);
        expect(matcher.find(), pattern + " in " + response);
        return matcher.group(1);
    }

    private static void expect(boolean holds, String what) {
        if (!holds) throw new IllegalStateException("not as expected: " + what);
    }

    private static void life() throws IOException {
        String ana = find("\"uid\":(\\d+)", ok("useradd", "addr", "ana", "appid", APPID, "expiry", "525600"));
        String added = ok("useradd", "addr", "ben b", "appid", APPID, "name", "Ben B\u00f6hm");
        String ben = find("\"uid\":(\\d+)", added);
        String access = find("\"token\":\"([^\"]+)\"", added);
        expect(find("\"address\":\"([^\"]+)\"", added).equals("ben b"), "an address with a space");
        expect(find("\"uid\":(\\d+)", ok("userset", "uid", ben, "flag", "0", "active", "1")).equals(ben), "userset");

        String gid = find("\"gid\":(\\d+)", ok("groupadd", "name", "Fleet", "flag", "0x20", "expiryext", "3600"));
        String edited = ok("groupeditmembers", "gid", gid, "m", "ana,ben b", "cs", "1", "cr", "1", "delete", "0");
        expect(find("\"gid\":(\\d+)", edited).equals(gid), "groupeditmembers' gid");
        String members = ok("getmembers", "gid", gid, "count", "20");
        expect(members.contains("\"address\":\"ana\"") && members.contains("\"address\":\"ben b\""), members);

        ok("message", "from", "ana", "to", "ben b", "msg", TEXT);
        ok("message", "from", "ana", "gid", gid, "msg", TEXT);
        String inbox = fetch("GET", PHONE + "inbox?app=" + TOKEN + "&address=ben+b");
        expect(inbox.split(Pattern.quote(TEXT_IN_JSON), -1).length == 3, "both messages on the phone: " + inbox);
        expect(find("\"uid\":(\\d+)", login(access)).equals(ben), "the token logs in");

        ok("groupeditmembers", "gid", gid, "m", "ana,ben b", "delete", "1");
        expect(ok("getmembers", "gid", gid).contains("\"members\":[]"), "no members left");
        ok("deltoken", "uid", ben);
        expect(login(access).isEmpty(), "a deleted token logs nobody in");
        ok("groupdel", "gid", gid);
        ok("deluser", "uid", ana);
        expect(find("\"uid\":(\\d+)", ok("deluser", "uid", ben)).equals(ben), "deluser's uid");
        String refused = call("usersget", "count", "20");
        expect(find("\"error\":\"(\\w+)\"", refused).equals("BADOP") && refused.contains("\"result\":false"), refused);
    }

    private static String login(String access) {
        try {
            return fetch("POST", PHONE + "login?token=" + access + "&appid=" + APPID);
        } catch (IOException refused) {
            return "";
        }
    }

    public static void main(String[] args) {
        try {
            life();
        } catch (Exception e) {
            System.err.println("UrlConnectionClient.java: " + e);
            System.exit(1);
        }
    }
}
