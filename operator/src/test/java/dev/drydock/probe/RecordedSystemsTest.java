package dev.drydock.probe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.probe.Finding.Bad;
import dev.drydock.probe.Finding.Fine;
import dev.drydock.probe.Finding.Unknown;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What whole systems answered to one and the same look; {@code systems/record.sh} says how they
 * were made, and asks them anew.
 */
class RecordedSystemsTest {
  private static final Demand DISK = new Demand.Disk("/", 99, null, 99);
  private static final Demand MEMORY = new Demand.Memory(1L, 1);
  private static final Demand LOAD = new Demand.Load(5, 10_000.0, null);
  private static final Demand SWAP = new Demand.Swap(99);
  private static final Demand UNITS = new Demand.Units(List.of("cron"), 0);
  private static final Demand NO_UNIT = new Demand.Units(List.of("no-such-thing"), null);
  private static final Demand JOURNAL =
      new Demand.Logs(null, "cron", null, "STARTUP", 86_400, 100_000);
  private static final Demand FILE_LOG =
      new Demand.Logs(null, null, "/var/log/demo.log", "panic", 86_400 * 36_500L, 0);
  private static final Demand PM2 = new Demand.Pm2(true, null, null, List.of());
  private static final Demand SYSCTL = new Demand.Sysctl("kernel.ostype", "Linux");
  private static final Demand FILE =
      new Demand.FileState("/var/log/demo.log", null, 1_000_000L, null);
  private static final Demand CLOCK = new Demand.TimeOffset(60_000);
  private static final Demand COMMAND =
      new Demand.Command(List.of("echo", "it is fine"), 0, "fine$", 5000);

  private static final List<Demand> ALL =
      List.of(
          DISK, MEMORY, LOAD, SWAP, UNITS, NO_UNIT, JOURNAL, FILE_LOG, PM2, SYSCTL, FILE, CLOCK,
          COMMAND);

  /** Prints what is asked of a system: {@code look} or {@code facts}. */
  public static void main(String... which) {
    System.out.print(
        "(\n"
            + (which[0].equals("facts") ? HostFacts.script() : HostLook.script(ALL)).render()
            + ") </dev/null 2>/dev/null\n");
  }

  private static String text(String name) {
    try (var stream =
        Objects.requireNonNull(RecordedSystemsTest.class.getResourceAsStream("/systems/" + name))) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static Look look(String system) {
    return HostLook.read(ALL, text(system + ".look"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "debian-11",
        "debian-12",
        "debian-13",
        "debian-13-german",
        "busybox",
        "alpine-3.23"
      })
  void whatEverySystemHasIsRead(String system) {
    Look look = look(system);
    for (Demand demand : List.of(DISK, MEMORY, LOAD, SYSCTL, FILE, COMMAND)) {
      assertThat(Evaluation.of(demand, look)).as(demand.toString()).isInstanceOf(Fine.class);
    }
    assertThat(Evaluation.of(FILE_LOG, look))
        .isInstanceOfSatisfying(
            Bad.class, bad -> assertThat(bad.message()).contains("panic", "/var/log/demo.log"));
    assertThat(Evaluation.of(SWAP, look)).isInstanceOf(Fine.class);
    assertThat(Evaluation.of(PM2, look)).isNotInstanceOf(Fine.class);
    assertThat(Evaluation.vitals(look)).contains("load", "memory", "swap none");
  }

  @ParameterizedTest
  @ValueSource(strings = {"debian-11", "debian-12", "debian-13", "debian-13-german"})
  void systemdIsAsked(String system) {
    Look look = look(system);
    assertThat(Evaluation.of(UNITS, look)).isInstanceOf(Fine.class);
    assertThat(Evaluation.of(NO_UNIT, look))
        .isInstanceOfSatisfying(
            Bad.class, bad -> assertThat(bad.message()).contains("no-such-thing"));
    assertThat(Evaluation.of(JOURNAL, look)).isInstanceOf(Fine.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"busybox", "alpine-3.23"})
  void aHostWithoutSystemdIsNotTakenForAHealthyOne(String system) {
    Look look = look(system);
    for (Demand demand : List.of(UNITS, NO_UNIT, JOURNAL, CLOCK)) {
      assertThat(Evaluation.of(demand, look)).as(demand.toString()).isInstanceOf(Unknown.class);
    }
  }

  @Test
  void localeAndTerminalDoNotMatter() {
    Stream.of(UNITS, NO_UNIT, SYSCTL, FILE_LOG, COMMAND, PM2, SWAP)
        .forEach(
            demand ->
                assertThat(Evaluation.of(demand, look("debian-13-german")))
                    .isEqualTo(Evaluation.of(demand, look("debian-13"))));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "debian-11",
        "debian-12",
        "debian-13",
        "debian-13-german",
        "busybox",
        "alpine-3.23"
      })
  void theFactsAreRead(String system) {
    HostFacts facts = HostFacts.read(text(system + ".facts"));
    assertThat(facts.kernel()).isPresent();
    assertThat(facts.bootId()).isPresent();
    assertThat(facts.cpus()).isPresent();
    assertThat(facts.memory()).isPresent();
    assertThat(facts.rootDisk()).isPresent();
    assertThat(facts.os())
        .hasValueSatisfying(
            os ->
                assertThat(os)
                    .startsWith(
                        Map.of(
                                "debian-11", "Debian GNU/Linux 11",
                                "debian-12", "Debian GNU/Linux 12",
                                "debian-13", "Debian GNU/Linux 13",
                                "debian-13-german", "Debian GNU/Linux 13",
                                "busybox", "BusyBox",
                                "alpine-3.23", "Alpine Linux v3.23")
                            .get(system)));
  }
}
