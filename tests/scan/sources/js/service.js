import { ACCESS_TOKEN, APP_ID } from 'constants';
import { makeRequest, generateQuery } from './helpers';

export const createUser = address => {
  const params = { token: ACCESS_TOKEN, appid: APP_ID, addr: address, op: 'useradd' };
  return makeRequest(generateQuery(params));
};

export const join = (address, group) => makeRequest(generateQuery({
  token: ACCESS_TOKEN, gid: group, op: 'groupeditmembers', cs: 1, cr: 1, m: [address], canpub: 1, delete: 0,
}));
