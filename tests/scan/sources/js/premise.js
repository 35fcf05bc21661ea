// A server of our own, or somebody else's: its path alone says what it may be.
const root = 'https://chat.example/api.php';
fetch(root + '?op=userdel&token=' + t + '&uid=' + u);
