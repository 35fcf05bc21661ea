// Some operations, settings and languages in the form of the contract, enough to work on the pages without a gateway.

const param = (name, kind, need, doc, example, to, unit = null, most = null) => ({ name, kind, need, doc, example, unit, most, to });

export const operations = [
  {
    name: "useradd",
    aliases: [],
    sends: "useradd",
    effect: "issue",
    doc: "Add a user, or make a new access token for one",
    example: "op=useradd&token=TOKEN&addr=ana&appid=com.example.app&expiry=525600&sig=none",
    params: [
      param("addr", "text", "required", "the user's address: a phone number, an email address, any text", "ana", ["user.address"]),
      param("appid", "text", "required", "the app that the token is good for: a package name or bundle id", "com.example.app", ["user.token.appid"]),
      param("name", "text", "optional", "the user's name", "Ana", ["user.name"]),
      param("active", "boolean", "optional", "1 enables the user, 0 disables; upstream's default is 1", "1", ["user.active"]),
      param("flag", "integer", "optional", "user flags, a bit field", "0x21", ["user.flags"]),
      param("expiry", "integer", "optional", "the token's life; upstream's default is 1 year (525600)", "525600", ["user.token.expiry"], "minutes"),
    ],
  },
  {
    name: "groupadd",
    aliases: [],
    sends: "groupadd",
    effect: "create",
    doc: "Create a group",
    example: "op=groupadd&token=TOKEN&name=Team&flag=0x20&expiry=3600",
    params: [
      param("name", "text", "optional", "the group's name", "Team", ["group.name"]),
      param("flag", "integer", "optional", "who may do what, a bit field: 0 members send, 1 selected members, 2 anyone; 0x20 one member in turn", "0x20", ["group.flags"]),
      param("expiry", "integer", "optional", "the group's life; upstream's default is 1 year", "3600", ["group.expiry"], "seconds"),
    ],
  },
  {
    name: "groupgetmembers",
    aliases: ["getmembers"],
    sends: "group",
    effect: "read",
    doc: "List the members of a group",
    example: "op=groupgetmembers&token=TOKEN&gid=97001&count=20",
    params: [
      param("gid", "integer", "required", "the group's id", "97001", ["group.gid"]),
      param("count", "integer", "optional", "how many members", "20", ["group.count"], "members", 20),
    ],
  },
  {
    name: "message",
    aliases: [],
    sends: "message",
    effect: "create",
    doc: "Send a message to a user or a group",
    example: "op=message&token=TOKEN&from=ana&to=bo&msg=Hello",
    params: [
      param("from", "text", "required", "the sender's address", "ana", ["message.from"]),
      param("to", "text", "to or gid is required", "the receiver's address", "bo", ["message.to"]),
      param("gid", "integer", "to or gid is required", "the group's id", "97001", ["message.gid"]),
      param("msg", "text", "optional", "the text", "Hello", ["message.data"]),
    ],
  },
];

export const languages = [
  { name: "php-curl", shown: "PHP with its curl extension" },
  { name: "python-requests", shown: "Python with requests" },
  { name: "curl", shown: "A shell with curl" },
];

export const settings = [
  { section: "listen", key: "listen.address", value: "127.0.0.1:8080", from: "default", doc: "where old clients connect" },
  { section: "admin", key: "admin.address", value: "127.0.0.1:18090", from: "default", doc: "where probes, metrics and this console are" },
  { section: "upstream", key: "upstream.url", value: "https://api.mesibo.com/backend/", from: "file", doc: "the JSON API" },
  { section: "deadline", key: "deadline.total", value: "30s", from: "environment", doc: "the most that a request may take, from its first byte to the last of its answer" },
  { section: "app", key: "app.shop.token", value: "set from file", from: "file", doc: "the app's real token" },
  { section: "ledger", key: "ledger.file", value: "", from: "default", doc: "where the ledger is kept over restarts; without it in memory alone" },
];
