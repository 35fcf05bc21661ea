class FormBodyUse {
    Request add(String token, String name) {
        RequestBody body = new FormBody.Builder()
            .add("op", "groupadd")
            .add("token", token)
            .add("name", name)
            .add("flag", "0")
            .build();
        return new Request.Builder().url("https://api.mesibo.com/api.php").post(body).build();
    }
}
