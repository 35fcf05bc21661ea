package com.example

import retrofit2.http.*

interface MesiboNetwork {
    @POST("api.php?")
    suspend fun addUser(
        @Query("op") op: String = "useradd",
        @Query("token") token: String = Secrets.APP_TOKEN,
        @Query("addr") address: String,
        @Query("appid") appid: String = "com.example.app",
    ): User

    @FormUrlEncoded
    @POST("api.php")
    suspend fun addMember(
        @Field("op") op: String = "groupeditmembers",
        @Field("token") token: String,
        @Field("gid") gid: String,
        @Field("m") members: String,
        @Field("cs") cs: String = "1",
        @Field("canlist ") canlist: String = "0",
        @Field("delete") delete: String = "0",
    ): Group
}
