"""The peers that keep their sessions in a process: does what each line on standard input says, as SweepBenchmark does.
usage: peers.py asyncssh|parallel-ssh WORK"""
import asyncio, json, sys, time

work = sys.argv[2]
hosts = []
COMMANDS = {"look": f"exec sh {work}/look.sh", "light": "exec cat /proc/loadavg"}


def read_hosts(file):
    with open(file) as lines:
        return [line.split(" ", 3)[:3] for line in lines]


class AsyncSsh:
    def __init__(self):
        import asyncssh
        self.ssh = asyncssh
        self.loop = asyncio.new_event_loop()
        self.open = {}
        self.shells = {}

    def connect(self, host):
        return self.ssh.connect(host[1], int(host[2]), username="root", client_keys=[f"{work}/user"], config=None,
                                known_hosts=f"{work}/known_hosts", agent_path=None)

    async def one(self, host, what):
        if host[0] not in self.open:
            self.open[host[0]] = await self.connect(host)
        return (await self.open[host[0]].run(COMMANDS[what])).exit_status == 0

    async def all(self, what):
        return sum(await asyncio.gather(*(self.one(host, what) for host in hosts)))

    def sweep(self, what):
        return self.loop.run_until_complete(self.all(what))

    def forget(self):
        async def close():
            for connection in self.open.values():
                connection.close()
            await asyncio.gather(*(c.wait_closed() for c in self.open.values()))
        self.loop.run_until_complete(close())
        self.open = {}

    async def check(self, host, end):
        """One small script after the other, to a shell that stays open."""
        shell = await self.open[host[0]].create_process("exec /bin/sh", stderr=self.ssh.DEVNULL)
        count = 0
        while time.monotonic() < end or count == 0:
            shell.stdin.write("(\nset -- \nread -r load < /proc/loadavg\n) </dev/null 2>/dev/null\nprintf '%s %d\\n' mark $?\n")
            assert (await shell.stdout.readline()).strip() == "mark 0"
            count += 1
        shell.terminate()
        return count

    def checks(self, seconds, parallel):
        async def run():
            end = time.monotonic() + seconds
            return sum(await asyncio.gather(*(self.check(host, end) for host in hosts[:parallel])))
        return self.loop.run_until_complete(run()) / seconds


class ParallelSsh:
    def __init__(self):
        self.client = None

    def sweep(self, what):
        if not self.client:
            from pssh.clients import ParallelSSHClient
            self.client = ParallelSSHClient([host[1] for host in hosts], user="root", pkey=f"{work}/user",
                                            port=int(hosts[0][2]), pool_size=len(hosts), num_retries=1,
                                            allow_agent=False, identity_auth=False)
        outputs = self.client.run_command(COMMANDS[what])
        for output in outputs:
            for _ in output.stdout:
                pass
        self.client.join(outputs)
        return sum(output.exit_code == 0 for output in outputs)

    def forget(self):
        self.client = None


peer = {"asyncssh": AsyncSsh, "parallel-ssh": ParallelSsh}[sys.argv[1]]()
for line in sys.stdin:
    words = line.split()
    if words[0] == "hosts":
        hosts = read_hosts(words[1])
        answer = {"hosts": len(hosts)}
    elif words[0] in ("cold", "warm"):
        if words[0] == "cold":
            peer.forget()
        start = time.monotonic()
        ok = peer.sweep(words[1])
        answer = {"seconds": time.monotonic() - start, "ok": ok, "failed": len(hosts) - ok}
    elif words[0] == "checks":
        answer = {"per_second": peer.checks(int(words[1]), int(words[2])), "failed": 0}
    print(json.dumps(answer), flush=True)
