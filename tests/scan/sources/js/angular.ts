import { CONFIG } from './config';

export class MesiboService {
  createGroup(name: string, flag = 0) {
    return this.http.get(`${CONFIG.MESIBO_API_URL}?op=groupadd&token=${this.appToken}&name=${name}&flag=${flag}`);
  }
  any(op: string) {
    return this.http.get(CONFIG.MESIBO_API_URL + '?op=' + op + '&token=' + this.appToken);
  }
  users() {
    return this.http.get(`${CONFIG.MESIBO_API_URL}?op=usersget&token=${this.appToken}&addr=*`);
  }
}
