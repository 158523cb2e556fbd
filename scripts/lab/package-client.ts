import { createRequire } from 'node:module';

interface PackageClient {
  on(event: 'bound', then: (state: { address: string; server: string; options: object }) => void): void;
  on(event: 'error', then: (error: unknown) => void): void;
  listen(port: undefined, host: undefined, then: () => void): void;
  sendDiscover(): void;
}

/** The client of the `dhcp` package, as foreign as can be: prints what it was given, and ends. */
const { createClient } = createRequire(import.meta.url)('dhcp') as {
  createClient(config: { mac: string; features: readonly string[] }): PackageClient;
};
const [mac = ''] = process.argv.slice(2);
const client = createClient({ mac, features: ['router', 'dns', 'domainName'] });
client.on('error', (error) => process.stderr.write(`${String(error)}\n`));
client.on('bound', ({ address, server, options }) => {
  process.stdout.write(`${JSON.stringify({ address, server, options })}\n`);
  process.exit(0);
});
client.listen(undefined, undefined, () => client.sendDiscover());
