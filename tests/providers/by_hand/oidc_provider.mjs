// The npm package oidc-provider as an issuer, for tests/providers/test_oidc_provider.py. Run in a folder where
// it is installed: node oidc_provider.mjs PORT REDIRECT_URI LEAVE_URI LOGOUT_URI
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const installed = createRequire(`${process.cwd()}/package.json`);
const { Provider } = await import(pathToFileURL(installed.resolve("oidc-provider")).href);
const [port, redirect, leave, logout] = process.argv.slice(2);

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [
    {
      client_id: "tonglu",
      client_secret: "a-secret-there",
      redirect_uris: [redirect],
      post_logout_redirect_uris: [leave],
      backchannel_logout_uri: logout,
      backchannel_logout_session_required: true,
    },
  ],
  claims: { openid: ["sub", "groups"], email: ["email", "email_verified"], profile: ["name"] },
  features: { backchannelLogout: { enabled: true } },
  pkce: { required: () => true },
  // By itself it posts to no private network; here the portal stands in one.
  fetch: (url, { dispatcher, ...options }) => globalThis.fetch(url, options),
  async findAccount(_context, id) {
    const told = { email: `${id}@huadong.example`, email_verified: true, name: id, groups: ["buyers"] };
    return { accountId: id, claims: async () => ({ sub: id, ...told }) };
  },
});
provider.on("backchannel.error", (_context, error) => console.error("back-channel logout:", error));
provider.listen(Number(port), "127.0.0.1");
