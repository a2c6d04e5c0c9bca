package dev.drydock.task;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.adapter.postgres.PgDatabase;
import dev.drydock.kernel.Work;
import dev.drydock.port.HostAccess;
import dev.drydock.port.HostLock;
import dev.drydock.port.HostShell;
import dev.drydock.port.Network;
import dev.drydock.port.Script;
import dev.drydock.probe.Demand;
import dev.drydock.probe.LookAssignment.Reach;
import dev.drydock.probe.LookAssignment.Target;
import dev.drydock.report.ReportAssignment;
import dev.drydock.report.ReportAssignment.Part;
import dev.drydock.report.ReportResult;
import dev.drydock.report.ReportResult.HostResult;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTaskTest {
  /** The first Monday of December 2026. */
  private static final Instant MONDAY = Instant.parse("2026-12-07T00:00:20Z");

  private static final String PRINTED =
      """
      @meminfo 0
       MemTotal: 4096 kB
       MemAvailable: 1024 kB
       SwapTotal: 2048 kB
       SwapFree: 512 kB
      @loadavg 0
       4.12 3.90 3.55 3/812 1748291
      @cpus 0
       2
      """;

  @TempDir private Path directory;
  private final ByteArrayOutputStream text = new ByteArrayOutputStream();

  /** Every host but {@code dead} answers the same. */
  private static final class Shell implements HostShell {
    @Override
    public HostShell.Answer look(
        HostAccess host, Function<Duration, Script> script, Duration deadline) {
      return host.name().endsWith("dead")
          ? new Failed(Failure.UNREACHABLE, "no route to host")
          : new Completed(0, PRINTED, Duration.ZERO, "", Optional.empty());
    }

    @Override
    public HostLock.Taken lock(HostAccess host, Work work, Duration patience, Duration deadline) {
      throw new IllegalStateException("a report takes no lock");
    }

    @Override
    public Forwarding forward(HostAccess host, String address, int port, Duration deadline) {
      throw new IllegalStateException("nothing is asked");
    }

    @Override
    public void forget(String host) {}

    @Override
    public void close() {}
  }

  private static final class NoNetwork implements Network {
    @Override
    public Network.Answer<Page> fetch(
        String url, @Nullable String json, int cap, Duration deadline) {
      throw new IllegalStateException("nothing is asked");
    }

    @Override
    public Network.Answer<Instant> certificateEnd(String host, int port, Duration deadline) {
      throw new IllegalStateException("nothing is asked");
    }

    @Override
    public Network.Answer<String> converse(
        String host, int port, boolean tls, String words, int cap, Duration deadline) {
      throw new IllegalStateException("nothing is asked");
    }

    @Override
    public void close() {}
  }

  private static Target target(String name) {
    return new Target(
        name,
        new Reach("ops/" + name, "192.0.2.1", 22, "u", "key", List.of(), null),
        4000,
        Map.of(
            "swap", new Demand.Swap(20),
            "load", new Demand.Load(1, 8.0, null)));
  }

  private ReportResult run(ReportAssignment assignment, @Nullable String job) throws Exception {
    write("assignment/assignment.json", assignment.toJson());
    write("identities/key/ssh-privatekey", "key");
    Path message = directory.resolve("message");
    var task =
        new LookTask(
            new Shell(),
            new NoNetwork(),
            new PgDatabase(),
            Clock.fixed(MONDAY, ZoneOffset.UTC),
            directory,
            message,
            job);
    assertThat(new ReportTask(task, new PrintStream(text, true, StandardCharsets.UTF_8)).run())
        .isZero();
    return ReportResult.decode(Files.readString(message)).orElseThrow();
  }

  private void write(String file, String content) throws IOException {
    Path path = directory.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, content);
  }

  private static ReportAssignment assignment(List<String> checks) {
    return new ReportAssignment(
        "0 0 ? * MON#1",
        "Etc/UTC",
        checks,
        List.of(
            new Part("fleet", List.of(target("a"), target("dead"))),
            new Part("other", List.of(target("a")))));
  }

  @Test
  void looksAtTheHostsOfAllPoliciesWithEachCheck() throws Exception {
    ReportResult result = run(assignment(List.of()), null);
    assertThat(result.hosts())
        .extracting(host -> host.policy() + "/" + host.name())
        .containsExactly("fleet/a", "fleet/dead", "other/a");
    HostResult host = result.hosts().getFirst();
    assertThat(host.checks().get("swap"))
        .isEqualTo(
            new ReportResult.CheckResult(
                ReportResult.State.Bad,
                "75 % (1536 KB)",
                "swap is used to 75 % (1536 KB); the limit is 20 %"));
    assertThat(host.checks().get("load"))
        .isEqualTo(new ReportResult.CheckResult(ReportResult.State.Fine, "4.12 on 2 CPUs", ""));
    assertThat(host.figures()).containsEntry("swap used", 75.0);
    assertThat(result.hosts().get(1).unseen()).isEqualTo("no route to host");
    assertThat(text.toString(StandardCharsets.UTF_8))
        .contains("dead (fleet): Unknown", "swap is used to 75 %");
  }

  @Test
  void looksWithThoseChecksAloneThatAreMeant() throws Exception {
    ReportResult result = run(assignment(List.of("load")), null);
    assertThat(result.hosts().getFirst().checks()).containsOnlyKeys("load");
  }

  @Test
  void doesNothingOnADayThatIsNotMeant() throws Exception {
    long monday = MONDAY.getEpochSecond() / 60;
    assertThat(run(assignment(List.of()), "fleet-report-" + monday).skipped()).isFalse();
    assertThat(run(assignment(List.of()), "fleet-report-" + (monday - 60)).skipped()).isTrue();
    assertThat(run(assignment(List.of()), "fleet-report-asked-123456789x").skipped())
        .as("asked for by a person")
        .isFalse();
  }

  @Test
  void failsWithoutAnAssignment() throws Exception {
    var task =
        new LookTask(
            new Shell(),
            new NoNetwork(),
            new PgDatabase(),
            Clock.systemUTC(),
            directory,
            directory.resolve("m"),
            null);
    assertThat(new ReportTask(task, System.out).run()).isEqualTo(1);
    assertThat(directory.resolve("m")).doesNotExist();
  }
}
