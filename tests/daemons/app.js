// SPDX-License-Identifier: MIT
//
// A web application in Node.js, which answers with what it found in its root directory.
const dns = require("dns/promises");
const fs = require("fs");
const http = require("http");
const https = require("https");
const { Worker } = require("worker_threads");

function count() {
  const file = process.env.STATE_DIRECTORY + "/größe";
  const number = (fs.existsSync(file) ? Number(fs.readFileSync(file)) : 0) + 1;
  fs.writeFileSync(file, String(number));
  return number;
}

// What a thread writes to shared memory.
function thread() {
  const shared = new Int32Array(new SharedArrayBuffer(4));
  const code = "Atomics.store(require('worker_threads').workerData, 0, 42)";
  const worker = new Worker(code, { eval: true, workerData: shared });
  return new Promise((resolve) => worker.on("exit", () => resolve(shared[0])));
}

async function tls() {
  const response = await new Promise((resolve, reject) =>
    https.get("https://www.test/1.html", resolve).on("error", reject));
  return (await response.toArray()).join("").trim();
}

async function answer(request, response) {
  try {
    const name = (await dns.lookup("www.test")).address;
    response.end([name, await tls(), await thread(), count()].join("|"));
  } catch (error) {
    response.end("FAILED: " + error);
  }
}

http.createServer(answer).listen(8083, "127.0.0.1");
