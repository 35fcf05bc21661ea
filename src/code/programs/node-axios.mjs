// Needs Node.js 14 or later, axios (npm install axios), and the app token in the environment variable
// MESIBO_APP_TOKEN. Save it as call.mjs.

import axios from 'axios';

if (!process.env.MESIBO_APP_TOKEN) {
  throw new Error('MESIBO_APP_TOKEN is not set: put your app token there');
}

«variables»
const payload = «payload»;

«helpers»
const options = { headers: { 'Content-Type': 'application/json' }, timeout: 30_000 };
const { data: answer } = await axios.post(«url», «body», options).catch((error) => {
  // Its message alone: the whole error holds the request, and with it the token.
  throw new Error(`the call failed: ${error.message}`);
});
if (!answer.result) {
  throw new Error(`${answer.error ?? 'FAILED'}: ${answer.cause ?? 'the API gives no cause'}`);
}
// mesibo's answers may hold the app token: in your own program, take what you need and log no more.
console.log(JSON.stringify(answer));
