class VolleyUse {
    void register(String address) {
        StringRequest request = new StringRequest(Request.Method.POST, Config.MESIBO_URL, onAnswer, onError) {
            @Override
            protected Map<String, String> getParams() {
                Map<String, String> params = new HashMap<>();
                params.put("op", "useradd");
                params.put("token", Config.APP_TOKEN);
                params.put("addr", address);
                params.put("appid", "com.example.app");
                return params;
            }
        };
        queue.add(request);
    }
}
