package retrofit2;

public class HttpException extends RuntimeException {
    public HttpException(Response<?> response) {
        super("HTTP " + response.code() + " " + response.message());
    }
}
