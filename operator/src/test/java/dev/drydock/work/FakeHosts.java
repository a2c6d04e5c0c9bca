package dev.drydock.work;

import dev.drydock.kernel.Work;
import dev.drydock.port.HostAccess;
import dev.drydock.port.HostLock;
import dev.drydock.port.HostShell;
import dev.drydock.port.Script;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Predicate;

/** Hosts that answer as a test says, and write down what was done to them. */
public final class FakeHosts implements HostShell {
  private final Behavior behavior;
  private final List<String> events = Collections.synchronizedList(new ArrayList<>());
  private final List<Duration> deadlines = Collections.synchronizedList(new ArrayList<>());
  private final Map<String, String> busy = new ConcurrentHashMap<>();
  private final AtomicInteger away = new AtomicInteger();
  private Runnable onLock = () -> {};
  private Predicate<String> isAway = _ -> false;

  /** What a host answers. */
  @FunctionalInterface
  public interface Behavior {
    Answer answer(String host, String script);
  }

  public FakeHosts(Behavior behavior) {
    this.behavior = behavior;
  }

  /** Has somebody else hold a host's lock. */
  public void busy(String host, String holder) {
    busy.put(host, holder);
  }

  /** Has no host answer so many times to whoever wants its lock. */
  public void away(int times) {
    away.set(times);
  }

  /** Says which hosts do not answer to whoever wants their lock. */
  public void away(Predicate<String> hosts) {
    isAway = hosts;
  }

  /** Has something happen while one waits for a host's lock. */
  public void onLock(Runnable happens) {
    onLock = happens;
  }

  /** What scripts that were run under a lock might have taken. */
  public List<Duration> deadlines() {
    return List.copyOf(deadlines);
  }

  /** Locks taken and given up, and scripts run under them, by host. */
  public List<String> events() {
    return List.copyOf(events);
  }

  public static Answer ended(int status, String output) {
    return new Completed(status, output, Duration.ofMillis(1), "SHA256:x", Optional.empty());
  }

  public static Answer lost() {
    return new Failed(Failure.CONNECTION_LOST, "the connection broke");
  }

  /** No end within the deadline. */
  public static Answer late() {
    return new Failed(Failure.TIMED_OUT, "no end in time");
  }

  public static Answer unreachable() {
    return new Failed(Failure.UNREACHABLE, "no route to host");
  }

  @Override
  public Answer look(HostAccess host, Function<Duration, Script> script, Duration deadline) {
    return behavior.answer(host.name(), script.apply(deadline).render());
  }

  @Override
  public HostLock.Taken lock(HostAccess host, Work work, Duration patience, Duration deadline) {
    if (busy.containsKey(host.name())) {
      return new HostLock.Busy(String.valueOf(busy.get(host.name())));
    }
    if (isAway.test(host.name()) || away.getAndUpdate(times -> Math.max(0, times - 1)) > 0) {
      return new HostLock.NotTaken(new Failed(Failure.UNREACHABLE, "no route to host"));
    }
    onLock.run();
    events.add("lock " + host.name() + " " + work.touches());
    return new HostLock.Held(new FakeLock(host.name()));
  }

  @Override
  public Forwarding forward(HostAccess host, String address, int port, Duration deadline) {
    events.add("forward " + host.name() + " " + address + ":" + port);
    return new Tunnel(40_000, () -> events.add("end of the way through " + host.name()));
  }

  @Override
  public void forget(String host) {
    events.add("forget " + host);
  }

  @Override
  public void close() {}

  private final class FakeLock implements HostLock {
    private final String host;
    private boolean held = true;

    FakeLock(String host) {
      this.host = host;
    }

    @Override
    public Answer run(Script script, Duration deadline) {
      deadlines.add(deadline);
      return behavior.answer(host, script.render());
    }

    @Override
    public Answer runToItsEnd(Script script, Duration deadline) {
      events.add("to its end " + host);
      return behavior.answer(host, script.render());
    }

    @Override
    public boolean isHeld() {
      return held;
    }

    @Override
    public void close() {
      if (held) {
        held = false;
        events.add("unlock " + host);
      }
    }
  }
}
