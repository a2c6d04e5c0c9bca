// A service with a health endpoint on localhost. What /srv/milo/NAME.health holds, if it is there, is the answer.
const fs = require('fs');
const http = require('http');

const [name, port] = process.argv.slice(2);
http.createServer((request, response) => {
  if (request.url !== '/health') {
    response.writeHead(404).end();
    return;
  }
  let answer = '{"ok":true}';
  try {
    answer = fs.readFileSync(`${__dirname}/${name}.health`, 'utf8');
  } catch { /* healthy */ }
  response.writeHead(200, { 'content-type': 'application/json' }).end(answer);
}).listen(Number(port), '127.0.0.1', () => console.log(`${name} listens on ${port}`));

process.on('SIGINT', () => process.exit(0));
