/**
 * Enqueueing: a message exists if and only if its transaction committed.
 */

import { createClient } from "@libsql/client";
import { MailboatError, type NewMessage } from "@mailboat/outbox";
import { drizzleStorage } from "@mailboat/outbox/drizzle";
import { libsqlStorage } from "@mailboat/outbox/libsql";
import { drizzle } from "drizzle-orm/libsql";
import { join } from "node:path";
import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import {
  adapters,
  createRig,
  everything,
  message,
  messages,
  openClient,
  readIds,
  temporaryFolder,
} from "./rig.ts";

const refused = (code: string) =>
  expect.objectContaining({ name: "InputError", code, field: "tx" });

describe.each(adapters)("enqueue with $name", (adapter) => {
  test("a commit leaves exactly the message, beside the business row", async () => {
    const rig = await createRig(adapter);
    await rig.within(async (tx) => {
      await rig.note(tx, "business");
      expect(await rig.storage.writer.insert(tx, messages("a")))
        .toEqual([true]);
    });
    expect(await readIds(await rig.open())).toEqual(["a"]);
    expect(await rig.column("SELECT text FROM note")).toEqual(["business"]);
  });

  test("a rollback leaves nothing", async () => {
    const rig = await createRig(adapter);
    const boom = new Error("boom");
    const work = rig.within(async (tx) => {
      await rig.note(tx, "business");
      await rig.storage.writer.insert(tx, messages("a"));
      throw boom;
    });
    await expect(work).rejects.toBe(boom);
    expect(await readIds(await rig.open())).toEqual([]);
    expect(await rig.column("SELECT text FROM note")).toEqual([]);
  });

  test("nothing of an open transaction can be read", async () => {
    const rig = await createRig(adapter);
    const store = await rig.open();
    await rig.within(async (tx) => {
      await rig.storage.writer.insert(tx, messages("a"));
      expect(await readIds(store)).toEqual([]);
    });
    expect(await readIds(store)).toEqual(["a"]);
  });

  test("no message is no statement", async () => {
    const rig = await createRig(adapter);
    await rig.within(async (tx) => {
      expect(await rig.storage.writer.insert(tx, [])).toEqual([]);
    });
    expect(rig.storage.writer.statements([])).toEqual([]);
    expect((await (await rig.open()).survey()).newestSeq).toBe(0);
  });

  test("a thousand messages of one call keep their order", async () => {
    const rig = await createRig(adapter);
    const many = Array.from(
      { length: 1_000 },
      (_, at) => message({ id: `n-${at}`, payload: new Uint8Array(at % 7) }),
    );
    const stored = await rig.commit(...many);
    expect(stored).toEqual(many.map(() => true));
    const page = await (await rig.open()).read(everything);
    expect(page.messages.map(({ id }) => id)).toEqual(many.map(({ id }) => id));
    expect(page.messages.map(({ seq }) => seq))
      .toEqual(many.map((_, at) => at + 1));
    expect(page.messages.map(({ payload }) => payload.byteLength))
      .toEqual(many.map((_, at) => at % 7));
  });

  test("a thousand messages in one call are one statement", async () => {
    const rig = await createRig(adapter);
    const many = Array.from({ length: 1_000 }, () => message());
    const run: string[] = [];
    await rig.within(async (tx) => {
      const watched = new Proxy<object>(tx, {
        get(target, name) {
          const method: unknown = Reflect.get(target, name);
          if (typeof method !== "function") return method;
          return (...args: unknown[]) => {
            run.push(String(name));
            return method.apply(target, args);
          };
        },
      });
      await rig.storage.writer.insert(watched as never, many);
    });
    expect((await (await rig.open()).survey()).newestSeq).toBe(1_000);
    expect(run).toHaveLength(1);
  });

  test("statements run when their batch does, and not before", async () => {
    const rig = await createRig(adapter);
    rig.storage.writer.statements(messages("a"));
    await new Promise((resolve) => setImmediate(resolve));
    expect(await readIds(await rig.open())).toEqual([]);
  });

  test.each([
    ["the plain handle", "plain"],
    ["nothing", undefined],
    ["an object of another kind", {}],
  ])("%s is refused as no transaction", async (_, handle) => {
    const rig = await createRig(adapter);
    const tx = (handle === "plain" ? rig.plain : handle) as never;
    for (const batch of [messages("a"), []]) {
      await expect(rig.storage.writer.insert(tx, batch)).rejects
        .toEqual(refused("NOT_A_TRANSACTION"));
    }
    expect(await readIds(await rig.open())).toEqual([]);
  });

  test("a finished transaction is refused, committed or rolled back", async () => {
    const rig = await createRig(adapter);
    const leaked: never[] = [];
    await rig.within((tx) => Promise.resolve(leaked.push(tx)));
    await rig.within((tx) => {
      leaked.push(tx);
      return Promise.reject(new Error("rolled back"));
    }).catch(() => {});
    expect(leaked).toHaveLength(2);
    for (const tx of leaked) {
      await expect(rig.storage.writer.insert(tx, messages("a"))).rejects
        .toEqual(refused("TRANSACTION_FINISHED"));
    }
    expect(await readIds(await rig.open())).toEqual([]);
  });

  test("a transaction on another outbox is refused, and stores nothing", async () => {
    const rig = await createRig(adapter);
    const other = await createRig(adapter);
    await other.within(async (tx) => {
      for (const chosenId of [false, true]) {
        const insert = rig.storage.writer.insert(tx, [message({ chosenId })]);
        await expect(insert).rejects.toEqual(refused("FOREIGN_TRANSACTION"));
      }
    });
    expect(await readIds(await rig.open())).toEqual([]);
    expect(await readIds(await other.open())).toEqual([]);
  });

  test("a database that keeps fewer rows than it was given is not believed", async () => {
    const rig = await createRig(adapter);
    await rig.client.execute(
      `CREATE TRIGGER swallow BEFORE INSERT ON mailboat_message
WHEN new."topic" = 'swallowed' BEGIN SELECT RAISE(IGNORE); END`,
    );
    const partly = [message(), message({ topic: "swallowed" })];
    await expect(rig.commit(...partly)).rejects
      .toMatchObject({ code: "STORAGE_FAILED" });
    expect(await readIds(await rig.open())).toEqual([]);
  });

  test("a transaction on a database without tables is refused as foreign", async () => {
    const rig = await createRig(adapter);
    const client = await openClient(join(temporaryFolder(), "other.db"));
    const other = adapter.over(client);
    await other.within(async (tx) => {
      await expect(rig.storage.writer.insert(tx, messages("a"))).rejects
        .toEqual(refused("FOREIGN_TRANSACTION"));
    });
  });

  test("before migrate() an enqueue says what is missing, and then works", async () => {
    const client = await openClient(join(temporaryFolder(), "app.db"));
    const side = adapter.over(client);
    const insert = () =>
      side.within((tx) => side.storage.writer.insert(tx, messages("a")));
    await expect(insert()).rejects
      .toMatchObject({ code: "STORAGE_NOT_MIGRATED" });
    await side.storage.migrate();
    expect(await insert()).toEqual([true]);
  });

  test("a storage that was never migrated here writes to tables that were", async () => {
    const rig = await createRig(adapter);
    const side = adapter.over(rig.client);
    const insert = side.within((tx) =>
      side.storage.writer.insert(tx, messages("a"))
    );
    expect(await insert).toEqual([true]);
  });

  test("a client with a single connection can enqueue after migrate()", async () => {
    const path = join(temporaryFolder(), "app.db");
    const client = await openClient(path, { concurrency: 1 });
    const rig = await createRig(adapter, { client, path });
    expect(await rig.commit(...messages("a"))).toEqual([true]);
  });

  test("what breaks a constraint of somebody else is refused, and not left out", async () => {
    const rig = await createRig(adapter);
    await rig.client.execute(
      "CREATE UNIQUE INDEX theirs ON mailboat_message (event)",
    );
    await rig.commit(message({ id: "a" }));
    for (const one of [{ id: "b" }, { id: "c", chosenId: true }]) {
      await expect(rig.commit(message(one))).rejects
        .toMatchObject({ code: "STORAGE_FAILED" });
      await expect(rig.batch([message(one)], "note")).rejects.toThrow();
    }
    expect(await readIds(await rig.open())).toEqual(["a"]);
    expect(await rig.column("SELECT text FROM note")).toEqual([]);
  });

  test("an error of the database stores none of the call, even if it is caught", async () => {
    const rig = await createRig(adapter);
    const headers = { authorization: "secret" };
    const broken = { ...message({ id: "b", headers }), qos: null } as unknown;
    await rig.within(async (tx) => {
      const both = [message({ id: "a" }), broken as NewMessage];
      const error = await rig.storage.writer.insert(tx, both)
        .catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(MailboatError);
      expect(error).toMatchObject({ code: "STORAGE_FAILED" });
      expect((error as Error).cause).toBeInstanceOf(Error);
      expect(inspect(error, { depth: 8 })).not.toContain("secret");
      await rig.storage.writer.insert(tx, messages("c"));
    });
    expect(await readIds(await rig.open())).toEqual(["c"]);
  });

  test.each(["bigint", "string"] as const)(
    "a client whose integers are of type %s tells the same",
    async (intMode) => {
      const path = join(temporaryFolder(), "app.db");
      const client = await openClient(path, { intMode });
      const rig = await createRig(adapter, { client, path });
      const chosen = message({ id: "a", chosenId: true });
      expect(await rig.commit(chosen, message())).toEqual([true, true]);
      expect(await rig.commit(chosen)).toEqual([false]);
      expect(await rig.commit(message())).toEqual([true]);
      const { durability } = await rig.open();
      expect(durability.level).toBe("power-loss");
    },
  );

  test("two storages with different prefixes share a database", async () => {
    const one = await createRig(adapter);
    const other = await createRig(adapter, { ...one, prefix: "Other_1" });
    await one.commit(...messages("a"));
    await other.commit(...messages("b"));
    expect(await readIds(await one.open())).toEqual(["a"]);
    expect(await readIds(await other.open())).toEqual(["b"]);
  });
});

test("a transaction of a closed client is refused as finished", async () => {
  const rig = await createRig(adapters[0]);
  const client = createClient({ url: `file:${rig.path}` });
  const tx = await client.transaction("write");
  client.close();
  await expect(rig.storage.writer.insert(tx as never, messages("a"))).rejects
    .toEqual(refused("TRANSACTION_FINISHED"));
});

test("a drizzle transaction of a synchronous driver is refused", async () => {
  const rig = await createRig(adapters[1]);
  const tx = { resultKind: "sync", run() {}, rollback() {} };
  await expect(rig.storage.writer.insert(tx as never, messages("a"))).rejects
    .toEqual(refused("FOREIGN_TRANSACTION"));
});

test("a savepoint that is rolled back takes its messages with it", async () => {
  const rig = await createRig(adapters[1]);
  const db = drizzle({ client: rig.client });
  const { writer } = drizzleStorage(db, libsqlStorage(rig.client));
  await db.transaction(async (tx) => {
    await writer.insert(tx, messages("a"));
    await tx.transaction(async (nested) => {
      await writer.insert(nested, messages("b"));
      throw new Error("undone");
    }).catch(() => {});
    await tx.transaction((nested) => writer.insert(nested, messages("c")));
  });
  expect(await readIds(await rig.open())).toEqual(["a", "c"]);
});
