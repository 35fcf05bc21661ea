package retrofit2;

public final class Response<T> {
    private final okhttp3.Response raw;
    private final T body;

    Response(okhttp3.Response raw, T body) {
        this.raw = raw;
        this.body = body;
    }

    public boolean isSuccessful() {
        return raw.isSuccessful();
    }

    public int code() {
        return raw.code();
    }

    public String message() {
        return raw.message();
    }

    /** Null where the call was not successful. */
    public T body() {
        return body;
    }
}
