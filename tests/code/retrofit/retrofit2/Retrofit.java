package retrofit2;

import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Proxy;
import java.lang.reflect.Type;
import java.lang.reflect.WildcardType;

import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import retrofit2.http.POST;

/**
 * Stands in for Retrofit, which no registry that these tests may use has: the names and signatures that the generated
 * program uses, over the real OkHttp and Gson, with Retrofit's own rules for base URLs and for types of bodies.
 */
public final class Retrofit {
    private static final MediaType JSON = MediaType.get("application/json; charset=UTF-8");

    private final HttpUrl base;
    private final Converter.Factory converter;
    private final OkHttpClient client = new OkHttpClient();

    private Retrofit(HttpUrl base, Converter.Factory converter) {
        this.base = base;
        this.converter = converter;
    }

    public <T> T create(Class<T> service) {
        Object proxy = Proxy.newProxyInstance(
            service.getClassLoader(), new Class<?>[] {service}, (self, method, arguments) -> call(method, arguments[0]));
        return service.cast(proxy);
    }

    private Call<Object> call(Method method, Object payload) {
        Type type = method.getGenericParameterTypes()[0];
        if (hasWildcard(type)) {
            throw new IllegalArgumentException("Parameter type must not include a type variable or wildcard: " + type);
        }
        Type answer = ((ParameterizedType) method.getGenericReturnType()).getActualTypeArguments()[0];
        HttpUrl url = base.resolve(method.getAnnotation(POST.class).value());
        RequestBody body = RequestBody.create(JSON, converter.gson.toJson(payload, type));
        Request request = new Request.Builder().url(url).post(body).build();
        return () -> execute(request, answer);
    }

    private Response<Object> execute(Request request, Type answer) throws IOException {
        try (okhttp3.Response raw = client.newCall(request).execute()) {
            Object body = raw.isSuccessful() ? converter.gson.fromJson(raw.body().charStream(), answer) : null;
            return new Response<>(raw, body);
        }
    }

    private static boolean hasWildcard(Type type) {
        if (type instanceof ParameterizedType) {
            for (Type argument : ((ParameterizedType) type).getActualTypeArguments()) {
                if (hasWildcard(argument)) {
                    return true;
                }
            }
        }
        return type instanceof WildcardType;
    }

    public static final class Builder {
        private HttpUrl base;
        private Converter.Factory converter;

        public Builder baseUrl(String url) {
            base = HttpUrl.get(url);
            if (!base.pathSegments().get(base.pathSegments().size() - 1).isEmpty()) {
                throw new IllegalArgumentException("baseUrl must end in /: " + url);
            }
            return this;
        }

        public Builder addConverterFactory(Converter.Factory factory) {
            converter = factory;
            return this;
        }

        public Retrofit build() {
            return new Retrofit(base, converter);
        }
    }
}
