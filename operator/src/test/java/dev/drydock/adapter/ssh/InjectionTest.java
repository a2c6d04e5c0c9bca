package dev.drydock.adapter.ssh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.drydock.port.HostShell.Answer;
import dev.drydock.port.HostShell.Completed;
import dev.drydock.port.HostileText;
import dev.drydock.port.Script;
import dev.drydock.probe.Demand;
import dev.drydock.probe.Evaluation;
import dev.drydock.probe.Finding;
import dev.drydock.probe.HostLook;
import dev.drydock.probe.Look;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** No value from a resource is ever run, taken for an option, or changed on its way to a host. */
class InjectionTest {
  private static final Duration DEADLINE = Duration.ofSeconds(20);
  private static final int AT_ONCE = 20;

  @SuppressWarnings("NullAway.Init")
  private static Sshd sshd;

  private static final SshHostShell SHELL = new SshHostShell();

  @TempDir
  @SuppressWarnings("NullAway.Init")
  private static Path canaries;

  @BeforeAll
  static void start() {
    sshd = Sshd.start();
  }

  @AfterAll
  static void stop() {
    SHELL.close();
    sshd.close();
  }

  @Test
  void everyWordArrivesByteForByte() throws IOException {
    List<String> corpus = HostileText.all(canaries);
    assertThat(corpus).hasSizeGreaterThanOrEqualTo(500);
    for (List<String> words : batches(corpus)) {
      Script script =
          Script.of(
              "for w; do printf '%s' \"$w\" | base64 | tr -d '\\n'; printf '\\n'; done", words);
      List<String> expected =
          words.stream()
              .map(w -> Base64.getEncoder().encodeToString(w.getBytes(StandardCharsets.UTF_8)))
              .toList();
      assertThat(List.of(output(script).split("\n", -1)).subList(0, words.size()))
          .isEqualTo(expected);
    }
    assertNothingRan();
  }

  @Test
  void noDiskPathIsRun() throws IOException {
    for (List<String> paths : batches(HostileText.all(canaries))) {
      var demands = new ArrayList<Demand>();
      paths.forEach(path -> demands.add(new Demand.Disk(path, 1, null, 1)));
      var last = new Demand.Disk("/", 100, null, null);
      demands.add(last);
      demands.add(new Demand.Load(1, 100_000.0, null));
      Look look = HostLook.read(demands, output(HostLook.script(demands)));
      for (Demand demand : demands) {
        if (demand instanceof Demand.Disk disk && !exists(disk.path())) {
          assertThat(Evaluation.of(demand, look))
              .as(disk.path())
              .isInstanceOf(Finding.Unknown.class);
        }
      }
      assertThat(Evaluation.of(last, look)).isInstanceOf(Finding.Fine.class);
      assertThat(Evaluation.vitals(look)).isNotEmpty();
      assertThat(look.sections()).hasSize(4 + 2 * (demands.size() - 1));
    }
    assertNothingRan();
  }

  @Test
  void noUnitNameIsRun() throws IOException {
    var load = new Demand.Load(1, 100_000.0, null);
    for (List<String> names : batches(HostileText.all(canaries))) {
      List<Demand> demands = List.of(new Demand.Units(names, 1000), load);
      Look look = HostLook.read(demands, output(HostLook.script(demands)));
      assertThat(Evaluation.of(demands.getFirst(), look)).isNotInstanceOf(Finding.Fine.class);
      assertThat(Evaluation.of(load, look)).isInstanceOf(Finding.Fine.class);
      assertThat(look.sections()).extracting(Look.Section::name).contains("units", "failed");
    }
    assertNothingRan();
  }

  @Test
  void aNulIsRefusedBeforeAnythingIsSent() {
    assertThatThrownBy(() -> Script.of("echo", List.of("a\0b")))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> HostLook.script(List.of(new Demand.Disk("/\0", 1, null, null))))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static void assertNothingRan() throws IOException {
    try (var files = Files.list(canaries)) {
      assertThat(files).as("canaries that a value has made").isEmpty();
    }
  }

  private static boolean exists(String path) {
    // Relative to where a login begins; the schema lets none of them through.
    return Files.exists(Path.of(System.getProperty("user.home")).resolve(path));
  }

  private static String output(Script script) {
    Answer answer = SHELL.look(sshd.access(), script, DEADLINE);
    assertThat(answer).isInstanceOf(Completed.class);
    return ((Completed) answer).output();
  }

  private static List<List<String>> batches(List<String> corpus) {
    var batches = new ArrayList<List<String>>();
    for (int i = 0; i < corpus.size(); i += AT_ONCE) {
      batches.add(corpus.subList(i, Math.min(corpus.size(), i + AT_ONCE)));
    }
    return batches;
  }
}
