package dev.drydock.hosthealth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.drydock.kernel.Work;
import dev.drydock.kube.HostAccesses;
import dev.drydock.port.Credentials;
import dev.drydock.port.HostAccess;
import dev.drydock.port.HostLock;
import dev.drydock.port.HostShell;
import dev.drydock.port.LocalHost;
import dev.drydock.port.Script;
import dev.drydock.probe.Demand;
import dev.drydock.probe.Demand.Logs.Extent;
import dev.drydock.probe.Looker;
import dev.drydock.work.FakeDatabase;
import dev.drydock.work.FakeHosts;
import dev.drydock.work.NoNetwork;
import dev.drydock.work.TestClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class LiveWatchTest {
  /** A host that does not answer the second look and the third; each takes a minute. */
  private record Flaky(TestClock clock, List<Long> asked, BlockingQueue<List<Long>> done)
      implements HostShell {
    private static final Pattern SINCE = Pattern.compile("'ERROR' '([0-9]+)'");
    private static final int LOOKS = 5;

    @Override
    public HostShell.Answer look(
        HostAccess host, Function<Duration, Script> script, Duration deadline) {
      String text = script.apply(deadline).render();
      Matcher since = SINCE.matcher(text);
      asked.add(since.find() ? Long.parseLong(since.group(1)) : -1);
      if (asked.size() == LOOKS) {
        done.add(List.copyOf(asked));
      }
      clock.pass(Duration.ofMinutes(1));
      return asked.size() == 2 || asked.size() == 3
          ? new HostShell.Failed(HostShell.Failure.TIMED_OUT, "no answer")
          : new HostShell.Completed(
              0, counted(text), Duration.ZERO, "SHA256:key", Optional.empty());
    }

    @Override
    public HostLock.Taken lock(HostAccess host, Work work, Duration patience, Duration deadline) {
      return new HostLock.Busy("somebody else");
    }

    @Override
    public Forwarding forward(HostAccess host, String address, int port, Duration deadline) {
      return new HostShell.Failed(HostShell.Failure.TIMED_OUT, "no answer");
    }

    @Override
    public void forget(String host) {}

    @Override
    public void close() {}
  }

  private static final Pattern LOG =
      Pattern.compile("'(logs:[^']+)' '3' '/([a-z]+)\\.log' 'ERROR' '([0-9]+)'");

  /** What a host answers of which each log was read. */
  private static String counted(String script) {
    return LOG.matcher(script)
        .results()
        .map(log -> "@" + log.group(1) + " 0\n count 0\n cut 0\n undated 0\n")
        .collect(Collectors.joining());
  }

  @Test
  void readsAgainWhatALookHadNoTimeFor() throws Exception {
    var clock = new TestClock("2026-11-23T12:00:00Z");
    var asked = new CopyOnWriteArrayList<String>();
    var done = new CountDownLatch(6);
    var shell =
        new FakeHosts(
            (_, script) -> {
              clock.pass(Duration.ofMinutes(1));
              var answer = new StringBuilder();
              var since = new TreeMap<String, String>();
              for (MatchResult log : LOG.matcher(script).results().toList()) {
                since.put(log.group(2), log.group(3));
                boolean late =
                    log.group(2).equals("slow") && asked.size() >= 1 && asked.size() <= 3;
                answer.append(
                    late
                        ? "@" + log.group(1) + (asked.size() == 2 ? " 199\n" : " 124\n")
                        : counted(log.group()));
              }
              asked.add(since.toString());
              done.countDown();
              return FakeHosts.ended(0, answer.toString());
            });
    var looker = new Looker(shell, new NoNetwork(), new FakeDatabase(), clock);
    var slow = new Demand.Logs(null, null, "/slow.log", "ERROR", 60, 0, Extent.LAST_LOOK);
    var quick = new Demand.Logs(null, null, "/quick.log", "ERROR", 60, 0, Extent.LAST_LOOK);
    try (var live =
        new LiveWatch(
            looker,
            _ -> new HostAccesses.Access(LocalHost.ACCESS, Duration.ofSeconds(10)),
            _ -> Credentials.NONE,
            (_, name) -> Optional.of(Fixtures.host(name, "{}", "")),
            clock)) {
      live.watch(
          "ns", "fleet", Duration.ofMillis(10), Map.of("a", Map.of("slow", slow, "quick", quick)));
      assertThat(done.await(30, TimeUnit.SECONDS)).isTrue();
    }
    assertThat(asked.subList(0, 6))
        .containsExactly(
            "{quick=905, slow=905}",
            "{quick=65, slow=65}",
            "{quick=65, slow=125}",
            "{quick=65, slow=185}",
            "{quick=65, slow=245}",
            "{quick=65, slow=65}");
  }

  @Test
  void readsLogsFromTheLastLookOnAlsoWhereOtherThingsAreAskedNow() {
    var asked = new CopyOnWriteArrayList<String>();
    var shell =
        new FakeHosts(
            (_, script) -> {
              asked.add(script.replaceAll("(?s)^.*'ERROR' '([0-9]+)'.*$", "$1"));
              return FakeHosts.ended(0, counted(script));
            });
    var clock = new TestClock("2026-11-23T12:00:00Z");
    var looker = new Looker(shell, new NoNetwork(), new FakeDatabase(), clock);
    var errors = new Demand.Logs(null, null, "/app.log", "ERROR", 60, 0, Extent.LAST_LOOK);
    try (var live =
        new LiveWatch(
            looker,
            _ -> new HostAccesses.Access(LocalHost.ACCESS, Duration.ofSeconds(10)),
            _ -> Credentials.NONE,
            (_, name) -> Optional.of(Fixtures.host(name, "{}", "")),
            clock)) {
      Duration minute = Duration.ofMinutes(1);
      live.watch("ns", "fleet", minute, Map.of("a", Map.of("errors", errors)));
      await().until(() -> live.sightings("ns", "fleet").size() == 1);
      clock.pass(Duration.ofMinutes(10));
      live.watch(
          "ns", "fleet", minute, Map.of("a", Map.of("errors", errors, "swap", new Demand.Swap(1))));
      await().until(() -> asked.size() == 2);
      assertThat(asked)
          .as("the first is from before the operator started")
          .containsExactly("965", "605");
    }
  }

  @Test
  void goesOnLookingAfterWhateverFailed() {
    var looks = new AtomicInteger();
    var shell =
        new FakeHosts(
            (_, _) -> {
              if (looks.incrementAndGet() > 1) {
                throw new StackOverflowError();
              }
              return FakeHosts.ended(0, "");
            });
    var clock = new TestClock("2026-11-23T12:00:00Z");
    var looker = new Looker(shell, new NoNetwork(), new FakeDatabase(), clock);
    try (var live =
        new LiveWatch(
            looker,
            _ -> new HostAccesses.Access(LocalHost.ACCESS, Duration.ofSeconds(10)),
            _ -> Credentials.NONE,
            (_, name) -> Optional.of(Fixtures.host(name, "{}", "")),
            clock)) {
      live.whenLooked(
          (_, _, _, _, _) -> {
            throw new IllegalStateException("a figure can't be kept");
          });
      live.watch(
          "ns", "fleet", Duration.ofMillis(10), Map.of("a", Map.of("swap", new Demand.Swap(1))));
      await().until(() -> looks.get() > 3);
      assertThat(live.sightings("ns", "fleet").get("a"))
          .isEqualTo(
              new Sighting.Unseen(
                  "the operator could not look: StackOverflowError", clock.instant()));
    }
  }

  @Test
  void seesNothingAnyMoreOnceItIsClosed() throws Exception {
    var looks = new AtomicInteger();
    var told = new AtomicInteger();
    var looking = new CountDownLatch(1);
    var ended = new CountDownLatch(1);
    var shell =
        new FakeHosts(
            (_, _) -> {
              looks.incrementAndGet();
              looking.countDown();
              try {
                new CountDownLatch(1).await();
              } catch (InterruptedException e) {
                ended.countDown();
              }
              return new HostShell.Failed(
                  HostShell.Failure.CONNECTION_LOST, "the operator is stopping");
            });
    var clock = new TestClock("2026-11-23T12:00:00Z");
    var live =
        new LiveWatch(
            new Looker(shell, new NoNetwork(), new FakeDatabase(), clock),
            _ -> new HostAccesses.Access(LocalHost.ACCESS, Duration.ofSeconds(10)),
            _ -> Credentials.NONE,
            (_, name) -> Optional.of(Fixtures.host(name, "{}", "")),
            clock);
    live.whenLooked((_, _, _, _, _) -> told.incrementAndGet());
    live.whenNews((_, _) -> told.incrementAndGet());
    var demands = Map.of("a", Map.<String, Demand>of("swap", new Demand.Swap(1)));
    live.watch("ns", "fleet", Duration.ofMillis(10), demands);
    assertThat(looking.await(10, TimeUnit.SECONDS)).isTrue();
    live.close();
    assertThat(ended.await(10, TimeUnit.SECONDS)).isTrue();
    // A reconciler that was woken by a delivery.
    live.watch("ns", "fleet", Duration.ofMillis(10), demands);
    live.watch("ns", "other", Duration.ofMillis(10), demands);
    await()
        .during(Duration.ofMillis(300))
        .until(
            () -> looks.get() == 1 && told.get() == 0 && live.sightings("ns", "fleet").isEmpty());
    assertThat(live.sightings("ns", "other")).isEmpty();
  }

  @Test
  void readsLogsFromTheLastLookOnThatTheHostAnswered() throws Exception {
    var clock = new TestClock("2026-11-23T12:00:00Z");
    var shell = new Flaky(clock, new ArrayList<>(), new LinkedBlockingQueue<>());
    var looker = new Looker(shell, new NoNetwork(), new FakeDatabase(), clock);
    var errors = new Demand.Logs(null, null, "/app.log", "ERROR", 60, 0, Extent.LAST_LOOK);
    try (var live =
        new LiveWatch(
            looker,
            _ -> new HostAccesses.Access(LocalHost.ACCESS, Duration.ofSeconds(10)),
            _ -> Credentials.NONE,
            (_, name) -> Optional.of(Fixtures.host(name, "{}", "")),
            clock)) {
      live.watch("ns", "fleet", Duration.ofMillis(10), Map.of("a", Map.of("errors", errors)));
      List<Long> asked = Objects.requireNonNull(shell.done().poll(30, TimeUnit.SECONDS));
      assertThat(asked).containsExactly(905L, 65L, 125L, 185L, 65L);
    }
  }
}
