package dev.drydock.adapter.ssh;

import dev.drydock.kernel.Work;
import dev.drydock.port.HostAccess;
import dev.drydock.port.HostLock;
import dev.drydock.port.HostShell;
import dev.drydock.port.Script;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.stream.Stream;

/** Keeps one SSH session a host, opened by the first look and opened again after it broke. */
public final class SshHostShell implements HostShell {
  private static final Duration PROOF = Duration.ofHours(1);

  private final Duration proof;
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("ssh-connect-", 0).factory());
  private final ConcurrentHashMap<String, HostConnection> connections = new ConcurrentHashMap<>();

  /** To jump hosts: a look that hangs on one is cut off, and must end nobody's way behind it. */
  private final ConcurrentHashMap<String, HostConnection> ways = new ConcurrentHashMap<>();

  public SshHostShell() {
    this(PROOF);
  }

  /**
   * @param proof how long a login is proof that the next one would be let in as well
   */
  SshHostShell(Duration proof) {
    this.proof = proof;
  }

  @Override
  public Answer look(HostAccess host, Function<Duration, Script> script, Duration deadline) {
    return connection(host).look(host, script, deadline);
  }

  @Override
  public HostLock.Taken lock(HostAccess host, Work work, Duration patience, Duration deadline) {
    return connection(host).lock(host, work, patience, deadline);
  }

  @Override
  public Forwarding forward(HostAccess host, String address, int port, Duration deadline) {
    return connection(host).forward(host, address, port, deadline);
  }

  private HostConnection connection(HostAccess host) {
    return connection(connections, host);
  }

  private HostConnection connection(
      ConcurrentHashMap<String, HostConnection> kept, HostAccess host) {
    return kept.computeIfAbsent(
        host.name(), _ -> new HostConnection(threads, jump -> connection(ways, jump), proof));
  }

  @Override
  public void forget(String host) {
    Stream.of(connections, ways)
        .flatMap(kept -> Stream.ofNullable(kept.remove(host)))
        .forEach(HostConnection::forget);
  }

  @Override
  public void close() {
    Stream.of(connections, ways).flatMap(kept -> kept.keySet().stream()).forEach(this::forget);
    threads.shutdownNow();
  }
}
