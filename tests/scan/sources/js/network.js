import axios from 'axios';
import { Network } from './network-base';
import { MESIBO_TOKEN } from './constants';

const signUp = user => {
    var url = `token=${MESIBO_TOKEN}&addr=${user.email}&appid=shop&op=useradd&name=${user.name}`;
    Network(url, 'get', null, null, true).then(save);
};

const mesibo_url = 'https://api.mesibo.com/api.php';

async function find(address, appid) {
    const config = {
        params: {
            token: MESIBO_TOKEN,
            op: 'usersget',
            count: 20,
            addr: address,
        },
    };
    const found = await axios.get(mesibo_url, config);
    if (found.data.users.length) return found;
    config.params.op = 'useradd';
    config.params.appid = appid;
    delete config.params.count;
    return axios.get(mesibo_url, config);
}

function jquery(uid) {
    $.ajax({
        url: 'https://api.mesibo.com/api.php',
        type: 'POST',
        data: { op: 'userdel', token: MESIBO_TOKEN, uid: uid },
        success: done,
    });
    $.post('https://api.mesibo.com/api.php', { op: 'groupdel', token: MESIBO_TOKEN, gid: gid });
    $.getJSON('https://api.mesibo.com/api.php?callback=?', { op: 'groupdel', token: MESIBO_TOKEN, gid });
}

function form(gid) {
    const body = new FormData();
    body.append('op', 'groupdel');
    body.append('token', MESIBO_TOKEN);
    body.append('gid', gid);
    return fetch(mesibo_url, { method: 'POST', body });
}

function address(gid) {
    const url = new URL(mesibo_url);
    url.searchParams.set('op', 'groupdel');
    url.searchParams.set('token', MESIBO_TOKEN);
    url.searchParams.set('gid', gid);
    return fetch(url);
}

function query(gid) {
    return fetch(mesibo_url + '?' + new URLSearchParams({ op: 'groupdel', token: MESIBO_TOKEN, gid }));
}

function strings(gid) {
    const qs = querystring.stringify({ op: 'groupdel', token: MESIBO_TOKEN, gid });
    return request.post({ url: mesibo_url, form: { op: 'groupdel', token: MESIBO_TOKEN, gid } }, done);
}

function empty(id) {
    return axios.post(mesibo_url, {}, { params: { op: 'useradd', token: MESIBO_TOKEN, addr: id, appId: 'shop' } });
}

function xhr(id) {
    const request = new XMLHttpRequest();
    request.open('POST', mesibo_url, true);
    request.send('op=userdel&token=' + MESIBO_TOKEN + '&uid=' + id);
}

function joined(id) {
    const url = [mesibo_url, '?op=userdel', '&token=', MESIBO_TOKEN, '&uid=', id].join('');
    return fetch(url);
}

function concat(id) {
    return fetch(mesibo_url.concat('?op=userdel&token=', MESIBO_TOKEN, '&uid=', id));
}
function long(id) {
    return fetch(`${mesibo_url}?` +
        `op=userdel&` +
        `token=${MESIBO_TOKEN}&` +
        `uid=${id}`);
}
function all(id) {
    const common = { token: MESIBO_TOKEN };
    return axios.get(mesibo_url, { params: { ...common, op: 'userdel', uid: id } });
}
