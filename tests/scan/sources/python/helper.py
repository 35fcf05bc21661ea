import urllib.request


class Mesibo:
    URL = "https://api.mesibo.com/api.php"

    def call(self, op, **more):
        return requests.get(self.URL, params=dict(op=op, token=self.token, **more))

    def forget(self, uid):
        return self.call('userdel', uid=uid)

    def drop(self, uid):
        return urllib.request.urlopen("https://api.mesibo.com/api.php?op=deltoken&token=%s&uid=%s" % (self.token, uid))
