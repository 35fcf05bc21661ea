// Requests of mesibo's JSON API.
export interface AddRequest {
  op: 'useradd';
  token: string;
  user: { address: string; name?: string };
}
type DelRequest = { op: 'userdel', token: string, uid: number };
const body = { op: 'userdel', token: T, user: { uid } };
const probe = JSON.stringify({ op: 'useradd', token: T });
