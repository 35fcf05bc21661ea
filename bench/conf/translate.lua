-- The old door in Lua, as somebody would write it who needs these four operations: parameters to JSON with
-- the right types, and of the answer what is documented. It checks less than the gateway: no limits, no
-- refusals that name a parameter, no outcome of a write.
local cjson = require "cjson.safe"

local translate = {}

local function text(value) return value end
local function integer(value) return tonumber(value) end
local function boolean(value) return value == "1" or value == "true" end

-- For each operation: its parameters with where they go, and the members that its answer keeps.
local operations = {
    message = {
        from = { text, "message", "from" },
        to = { text, "message", "to" },
        gid = { integer, "message", "gid" },
        type = { integer, "message", "type" },
        expiry = { integer, "message", "expiry" },
        when = { integer, "message", "when" },
        flag = { integer, "message", "flags" },
        msg = { text, "message", "message" },
    },
    useradd = {
        addr = { text, "user", "address" },
        name = { text, "user", "name" },
        active = { boolean, "user", "active" },
        flag = { integer, "user", "flags" },
        appid = { text, "user", "token", "appid" },
        expiry = { integer, "user", "token", "expiry" },
    },
    groupeditmembers = {
        gid = { integer, "group", "gid" },
        m = { text, "group", "members", "m" },
        cs = { boolean, "group", "members", "permissions", "send" },
        cr = { boolean, "group", "members", "permissions", "recv" },
        canpub = { boolean, "group", "members", "permissions", "pub" },
        cansub = { boolean, "group", "members", "permissions", "sub" },
        canlist = { boolean, "group", "members", "permissions", "list" },
    },
    groupgetmembers = {
        gid = { integer, "group", "gid" },
        count = { integer, "count" },
    },
}

local function digit(flag) return flag and "1" or "0" end

local answers = {
    useradd = function(from, to)
        local user = from.user or {}
        to.user = { uid = user.uid, address = user.address, token = user.token }
    end,
    groupeditmembers = function(from, to)
        to.group = from.group and { gid = from.group.gid }
    end,
    groupgetmembers = function(from, to)
        to.members = {}
        for number, row in ipairs(from.members or {}) do
            local permissions = row.permissions or {}
            to.members[number] = {
                uid = row.uid,
                address = row.address,
                cansend = digit(permissions.send),
                canrecv = digit(permissions.recv),
            }
        end
    end,
}

local function put(document, path, value)
    local last = #path
    for step = 2, last - 1 do
        local name = path[step]
        document[name] = document[name] or {}
        document = document[name]
    end
    document[path[last]] = value
end

local function parameters()
    local found = ngx.req.get_uri_args()
    if ngx.req.get_method() == "POST" then
        for name, value in pairs(ngx.req.get_post_args()) do found[name] = value end
    end
    return found
end

function translate.request()
    ngx.req.read_body()
    if ngx.var.content_type == "application/json" then return end
    local found = parameters()
    local document = { op = found.op, token = found.token, id = tonumber(found.id) }
    for name, path in pairs(operations[found.op] or {}) do
        local value = found[name]
        if value and value ~= "" then put(document, path, path[1](value)) end
    end
    ngx.ctx.op = found.op
    ngx.req.set_method(ngx.HTTP_POST)
    ngx.req.set_uri("/backend/")
    ngx.req.set_uri_args({})
    ngx.req.set_header("Content-Type", "application/json")
    ngx.req.set_body_data(cjson.encode(document))
end

function translate.head()
    if ngx.ctx.op then ngx.header.content_length = nil end
end

local function filtered(bytes)
    local from = cjson.decode(bytes)
    if not from then return bytes end
    local to = {
        op = ngx.ctx.op, result = from.result, id = from.id,
        error = from.error, code = from.code, cause = from.cause, properties = from.properties,
    }
    local more = answers[ngx.ctx.op]
    if more and from.result then more(from, to) end
    return cjson.encode(to)
end

function translate.body()
    if not ngx.ctx.op then return end
    local kept = ngx.ctx.kept
    kept = kept and kept .. ngx.arg[1] or ngx.arg[1]
    if ngx.arg[2] then
        ngx.arg[1] = filtered(kept)
    else
        ngx.ctx.kept, ngx.arg[1] = kept, nil
    end
end

return translate
