import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';

/** A provisioning server that is not the box's: the files of a folder on port 80, and who asked. Arguments: folder, port. */
const [folder = '', port = '80'] = process.argv.slice(2);

createServer((request, response) => {
  const name = (request.url ?? '/')
    .split('/')
    .filter((part) => part !== '')
    .join('_');
  process.stdout.write(
    `${JSON.stringify({ url: request.url, agent: request.headers['user-agent'] ?? null })}\n`,
  );
  readFile(join(folder, name)).then(
    (body) => response.end(body),
    () => response.writeHead(404, { 'content-type': 'text/html' }).end('<html><body>404</body></html>'),
  );
}).listen(Number(port));
