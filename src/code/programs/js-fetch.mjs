// Needs Node.js 18 or later, and the app token in the environment variable MESIBO_APP_TOKEN. Save it as call.mjs.
// In a browser the token would be everybody's: let your own server make this call.

if (!process.env.MESIBO_APP_TOKEN) {
  throw new Error('MESIBO_APP_TOKEN is not set: put your app token there');
}

«variables»
const payload = «payload»;

«helpers»
const response = await fetch(«url», {
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body: «stringify»(payload),
  signal: AbortSignal.timeout(30_000),
});
if (!response.ok) {
  throw new Error(`the API answered HTTP ${response.status}`);
}

const answer = await response.json();
if (!answer.result) {
  throw new Error(`${answer.error ?? 'FAILED'}: ${answer.cause ?? 'the API gives no cause'}`);
}
// mesibo's answers may hold the app token: in your own program, take what you need and log no more.
console.log(JSON.stringify(answer));
