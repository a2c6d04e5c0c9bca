package dev.drydock.probe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.kernel.Work;
import dev.drydock.port.Credentials;
import dev.drydock.port.Database;
import dev.drydock.port.DatabaseAccess;
import dev.drydock.port.HostAccess;
import dev.drydock.port.HostLock;
import dev.drydock.port.HostShell;
import dev.drydock.port.Network;
import dev.drydock.port.Script;
import dev.drydock.probe.Finding.Bad;
import dev.drydock.probe.Finding.Fine;
import dev.drydock.probe.Finding.Unknown;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What is asked from here is asked while the host is, and never holds the look up. */
class LookerTest {
  private static final HostAccess HOST =
      new HostAccess(
          "n/a", "a", 22, "u", new HostAccess.Identity("key", null, null), List.of(), null);

  private static final Map<String, Demand> DEMANDS =
      Map.of(
          "http", new Demand.Http("http://a/health", false, 200, "$.ok", "true", 5000, false),
          "slow", new Demand.Http("http://slow/", false, 200, null, null, 60_000, false),
          "urls", new Demand.Urls(List.of("http://a/health", "http://b/"), false, 5000),
          "query", new Demand.Prometheus("http://a", false, "up", 0.5, null),
          "node", new Demand.BeaconNode("http://a/", false, 2, List.of(7L), 1),
          "redis", new Demand.Redis("a", 6379, false, false, 50, null),
          "tls", new Demand.Certificate("a:443", null, 86_400),
          "memory", new Demand.Memory(1L, null));

  private static final class Answers implements Network {
    @Override
    public Network.Answer<Page> fetch(
        String url, @Nullable String json, int cap, Duration deadline) {
      if (url.equals("http://slow/")) {
        try {
          Thread.sleep(Duration.ofMinutes(1));
        } catch (InterruptedException e) {
          return new Unanswered<>(Kind.NOT_ASKED, "interrupted");
        }
      }
      String body =
          switch (url) {
            case "http://a/health" -> "{\"ok\":true}";
            case "http://a/api/v1/query?query=up" ->
                "{\"status\":\"success\",\"data\":{\"resultType\":\"scalar\",\"result\":[1,\"1\"]}}";
            case "http://a/eth/v1/node/syncing" ->
                "{\"data\":{\"head_slot\":\"330\",\"sync_distance\":\"0\"}}";
            case "http://a/eth/v1/validator/liveness/9", "http://a/eth/v1/validator/liveness/10" ->
                "{\"data\":[{\"index\":\"7\",\"is_live\":" + !"[\"7\"]".equals(json) + "}]}";
            default -> "";
          };
      return body.isEmpty()
          ? new Unanswered<>(Kind.REFUSED, "connection refused")
          : new Answered<>(new Page(200, body, false));
    }

    @Override
    public Network.Answer<Instant> certificateEnd(String host, int port, Duration deadline) {
      return new Answered<>(Instant.EPOCH.plus(Duration.ofDays(port)));
    }

    @Override
    public Network.Answer<String> converse(
        String host, int port, boolean tls, String text, int cap, Duration deadline) {
      return new Answered<>("connected_clients:6\r\nmaxclients\r\n$2\r\n10\r\n");
    }

    @Override
    public void close() {}
  }

  /**
   * @param way how many milliseconds the way through it takes
   */
  private record Shell(HostShell.Answer answer, int way) implements HostShell {
    @Override
    public HostShell.Answer look(
        HostAccess host, Function<Duration, Script> script, Duration deadline) {
      return answer;
    }

    @Override
    public HostLock.Taken lock(HostAccess host, Work work, Duration patience, Duration deadline) {
      return new HostLock.Busy("somebody else");
    }

    @Override
    public Forwarding forward(HostAccess host, String address, int port, Duration deadline) {
      sleep(Duration.ofMillis(way));
      return new HostShell.Tunnel(port + 1, () -> {});
    }

    @Override
    public void forget(String host) {}

    @Override
    public void close() {}
  }

  private static Credentials.Answer secret(String name) {
    return name.equals("db")
        ? new Credentials.Present(Map.of("uri", "postgresql://u:p@db:5432/shop"))
        : new Credentials.Absent("create the Secret " + name);
  }

  /** Tells where it was asked. */
  private static final class Databases implements Database {
    @Override
    public Examination examine(DatabaseAccess access, boolean bloat, Duration deadline) {
      return new NotReached(
          Problem.FAILED,
          access.where() + " with " + access.password() + (bloat ? " and bloat" : ""));
    }

    @Override
    public Vacuuming vacuum(
        DatabaseAccess access, VacuumOrder order, Consumer<String> progress, Duration deadline) {
      return new Busy("somebody else");
    }
  }

  private static Looker.Sight look(HostShell.Answer answer) {
    return look(answer, DEMANDS);
  }

  private static Looker.Sight look(HostShell.Answer answer, Map<String, Demand> demands) {
    return new Looker(
            new Shell(answer, 0),
            new Answers(),
            new Databases(),
            InstantSource.fixed(Instant.EPOCH))
        .look(HOST, demands, LookerTest::secret, Duration.ofSeconds(4));
  }

  @Test
  void asksOutsideAndOnTheHost() {
    Instant start = Instant.now();
    var sight =
        look(
            new HostShell.Completed(
                0,
                "@meminfo 0\n"
                    + " MemTotal: 9 kB\n"
                    + " MemAvailable: 8 kB\n"
                    + " SwapTotal: 0 kB\n"
                    + " SwapFree: 0 kB\n",
                Duration.ofMillis(100),
                "",
                Optional.empty()));
    assertThat(Duration.between(start, Instant.now())).isLessThan(Duration.ofSeconds(8));
    assertThat(sight)
        .isInstanceOfSatisfying(
            Looker.Seen.class,
            seen -> {
              Map<String, Finding> findings = seen.findings();
              assertThat(findings).hasSameSizeAs(DEMANDS);
              assertThat(findings)
                  .containsEntry("http", new Fine("$.ok is true"))
                  .containsEntry(
                      "slow",
                      new Bad("no answer", "http://slow/ does not answer: no answer in time"))
                  .containsEntry(
                      "urls",
                      new Bad(
                          "1 of 2 wrong",
                          "1 of 2 URLs do not answer with 2xx: http://b/: connection refused"))
                  .containsEntry("query", new Bad("1", "the query's value is 1; the limit is 0.5"))
                  .containsEntry(
                      "node",
                      new Bad(
                          "1 of 1 silent",
                          "no attestation for 42 slots of 1 of 1 validators: 7; the limit is 1"))
                  .containsEntry(
                      "redis",
                      new Bad(
                          "6 of 10 clients",
                          "Redis at a:6379 has 6 of 10 clients; the limit is 50 %"))
                  .containsEntry("tls", new Fine("443d left"))
                  .containsEntry("memory", new Fine("8Ki of 9Ki"));
            });
  }

  @Test
  void asksDatabasesByWhatTheirSecretsSay() {
    var completed = new HostShell.Completed(0, "", Duration.ofMillis(1), "", Optional.empty());
    assertThat(
            look(
                completed,
                Map.of(
                    "direct",
                    new Demand.Postgresql("db", false, 80, null, null, null, null),
                    "same",
                    new Demand.Postgresql("db", false, null, null, null, 40, null),
                    "through",
                    new Demand.Postgresql("db", true, 80, null, null, null, null),
                    "missing",
                    new Demand.Postgresql("none", true, 80, null, null, null, null),
                    "redis",
                    new Demand.Redis("a", 6379, false, true, 50, "none"))))
        .isInstanceOfSatisfying(
            Looker.Seen.class,
            seen ->
                assertThat(seen.findings())
                    .containsEntry(
                        "direct",
                        new Unknown("database shop at db:5432: shop at db:5432 with p and bloat"))
                    .as("one question for all that one of them wants")
                    .containsEntry(
                        "same",
                        new Unknown("database shop at db:5432: shop at db:5432 with p and bloat"))
                    .containsEntry(
                        "through",
                        new Unknown("database shop at db:5432: shop at 127.0.0.1:5433 with p"))
                    .containsEntry("missing", new Unknown("create the Secret none"))
                    .containsEntry("redis", new Unknown("create the Secret none")));
  }

  @Test
  void blamesNoDatabaseForTheTimeThatTheWayToItTook() {
    Map<String, Demand> demands =
        Map.of("db", new Demand.Postgresql("db", true, 80, null, null, null, null));
    var silent =
        new Database() {
          @Override
          public Examination examine(DatabaseAccess access, boolean bloat, Duration deadline) {
            sleep(deadline);
            return new NotReached(Problem.NO_ANSWER, "no answer in time");
          }

          @Override
          public Vacuuming vacuum(
              DatabaseAccess access,
              VacuumOrder order,
              Consumer<String> progress,
              Duration deadline) {
            return new Busy("somebody else");
          }
        };
    Map<Integer, Finding> found = new HashMap<>();
    for (int way : new int[] {0, 1500, 2500}) {
      var shell =
          new Shell(new HostShell.Completed(0, "", Duration.ZERO, "", Optional.empty()), way);
      var looker = new Looker(shell, new Answers(), silent, InstantSource.fixed(Instant.EPOCH));
      var seen =
          (Looker.Seen) looker.look(HOST, demands, LookerTest::secret, Duration.ofSeconds(2));
      found.put(way, Objects.requireNonNull(seen.findings().get("db")));
    }
    assertThat(found)
        .containsEntry(
            0, new Bad("no answer", "database shop at db:5432 does not answer: no answer in time"))
        .containsEntry(1500, new Unknown("database shop at db:5432: " + Look.NO_TIME_LEFT))
        .containsEntry(2500, new Unknown("database shop at db:5432: " + Look.NO_TIME_LEFT));
  }

  private static void sleep(Duration duration) {
    try {
      Thread.sleep(duration);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void aHostThatDoesNotAnswerIsUnseenWhateverElseAnswers() {
    assertThat(look(new HostShell.Failed(HostShell.Failure.TIMED_OUT, "too late")))
        .isEqualTo(new Looker.Unseen("too late"));
  }
}
