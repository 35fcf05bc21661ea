interface MesiboService {
    @GET("api.php")
    Call<Answer> call(@Query("op") String op, @Query("token") String token, @Query("uid") String uid);

    @FormUrlEncoded
    @POST("api.php")
    Call<Answer> any(@FieldMap Map<String, String> fields);

    @GET("api.php?op=userdel")
    Call<Answer> forget(@Query("token") String token, @Query("uid") String uid);
}
