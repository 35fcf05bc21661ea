// Needs Retrofit 2 with its converter for Gson (com.squareup.retrofit2:retrofit and :converter-gson), and the app token
// in the environment variable MESIBO_APP_TOKEN.

import com.google.gson.GsonBuilder
import com.google.gson.JsonObject
import retrofit2.Call
import retrofit2.HttpException
import retrofit2.Retrofit
import retrofit2.converter.gson.GsonConverterFactory
import retrofit2.http.Body
import retrofit2.http.POST

interface MesiboApi {
    @POST(«path»)
    fun call(@Body payload: Map<String, @JvmSuppressWildcards Any?>): Call<JsonObject>
}

fun main() {
    check(!System.getenv("MESIBO_APP_TOKEN").isNullOrEmpty()) {
        "MESIBO_APP_TOKEN is not set: put your app token there"
    }

    «variables»
    val payload = «payload»

    val api = Retrofit.Builder()
        .baseUrl(«base»)
        .addConverterFactory(GsonConverterFactory.create(GsonBuilder().serializeNulls().create()))
        .build()
        .create(MesiboApi::class.java)
    val response = api.call(payload).execute()
    if (!response.isSuccessful) {
        throw HttpException(response)
    }

    val answer = checkNotNull(response.body()) { "the API sent no body" }
    check(answer.get("result")?.asBoolean == true) {
        "${answer.get("error")?.asString ?: "FAILED"}: ${answer.get("cause")?.asString ?: "the API gives no cause"}"
    }
    // mesibo's answers may hold the app token: in your own program, take what you need and log no more.
    println(answer)
}
