import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const root = fileURLToPath(new URL("..", import.meta.url));
const at = (path: string) => `${root}${path}`;

export default defineConfig({
  root,
  resolve: {
    alias: [
      ["drizzle/schema", "adapters/drizzle_schema.ts"],
      ["drizzle", "adapters/drizzle.ts"],
      ["libsql", "adapters/libsql.ts"],
      ["mqtt", "adapters/mqtt.ts"],
      ["testing", "src/testing/mod.ts"],
    ].map(([name, path]) => ({
      find: new RegExp(`^@mailboat/outbox/${name}$`),
      replacement: at(path!),
    })).concat([{
      find: /^@mailboat\/outbox$/,
      replacement: at("mod.ts"),
    }]),
  },
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    dangerouslyIgnoreUnhandledErrors: false,
  },
});
