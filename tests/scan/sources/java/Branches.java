// Calls of mesibo with names that mean something else where they are used.
class Branches {
    static final String OP = "userdel";
    String a(String OP) { return get("https://api.mesibo.com/api.php?op=" + OP + "&token=" + t + "&uid=" + u); }
    String b() { String op = "userdel"; if (x) { op = "deltoken"; } return get("https://api.mesibo.com/api.php?op=" + op + "&token=" + t + "&uid=" + u); }
    String c() { String op; switch (x) { case 1: op = "userdel"; break; default: op = "deltoken"; } return get("https://api.mesibo.com/api.php?op=" + op + "&token=" + t + "&uid=" + u); }
    void d() { for (String op : ops) get("https://api.mesibo.com/api.php?op=" + op + "&token=" + t + "&uid=" + u); }
    String e() { return get("https://api.mesibo.com/api.php?op=" + Branches.OP + "&token=" + t + "&uid=" + u); }
    String f() { Map<String, String> p = new HashMap<>(); if (x) p.put("op", "userdel"); else p.put("op", "deltoken"); p.put("token", t); p.put("uid", u); return send(p); }
    void g() { ops.forEach(op -> get("https://api.mesibo.com/api.php?op=" + op + "&token=" + t + "&uid=" + u)); }
    String op = "userdel";
}
