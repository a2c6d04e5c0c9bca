package dev.drydock.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.drydock.port.Script;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The scripts run for real, by every POSIX shell that this machine has. */
class HostScriptTest {
  @TempDir
  @SuppressWarnings("NullAway.Init")
  private Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"/bin/sh", "/bin/dash", "/bin/busybox sh", "/bin/bash"})
  void bringsHomeEverythingThatIsAskedFor(String shell) throws Exception {
    Path odd = Files.createDirectory(directory.resolve("it's a \"path\" $(id) `id` ; * — ü"));
    var here = new Demand.Disk(odd.toString(), 99, null, 99);
    var nowhere = new Demand.Disk("/no/such/path", 99, null, null);
    var option = new Demand.Disk("-a", 99, null, null);
    var units = new Demand.Units(List.of("no-such-thing", "ssh.socket"), 1000);
    var memory = new Demand.Memory(1L, 1);
    var load = new Demand.Load(5, 10_000.0, null);
    var swap = new Demand.Swap(99);
    List<Demand> demands = List.of(here, nowhere, option, units, memory, load, swap);

    Look look = HostLook.read(demands, run(shell, HostLook.script(demands)));

    assertThat(Evaluation.of(here, look)).isInstanceOf(Finding.Fine.class);
    assertThat(Evaluation.of(nowhere, look))
        .isEqualTo(new Finding.Unknown("df can't read /no/such/path: does it exist on this host?"));
    assertThat(Evaluation.of(option, look)).isInstanceOf(Finding.Unknown.class);
    assertThat(Evaluation.of(memory, look)).isInstanceOf(Finding.Fine.class);
    assertThat(Evaluation.of(load, look)).isInstanceOf(Finding.Fine.class);
    assertThat(Evaluation.of(swap, look)).isInstanceOf(Finding.Fine.class);
    assertThat(Evaluation.of(units, look)).isNotInstanceOf(Finding.Fine.class);
    assertThat(Evaluation.vitals(look)).contains("load", "memory", "swap");
    assertThat(look.sections()).extracting(Look.Section::name).contains("units", "failed");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/bin/sh", "/bin/dash", "/bin/busybox sh", "/bin/bash"})
  void tellsWhatTheHostIs(String shell) throws Exception {
    HostFacts facts = HostFacts.read(run(shell, HostFacts.script()));
    assertThat(facts.kernel())
        .hasValue(Files.readString(Path.of("/proc/sys/kernel/osrelease")).strip());
    assertThat(facts.bootId())
        .hasValue(Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip());
    assertThat(facts.cpus()).hasValueSatisfying(cpus -> assertThat(cpus).isPositive());
    assertThat(facts.memory()).isPresent();
    assertThat(facts.rootDisk()).isPresent();
    assertThat(facts.bootTime()).isPresent();
    assertThat(facts.os()).isPresent();
  }

  /** As the SSH adapter feeds it: on standard input, in a subshell. */
  private static String run(String shell, Script script) throws IOException, InterruptedException {
    List<String> command = List.of(shell.split(" ", -1));
    assumeThat(Path.of(command.getFirst())).exists();
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    try (var input = process.getOutputStream()) {
      input.write(
          ("(\n" + script.render() + ") </dev/null 2>/dev/null\n")
              .getBytes(StandardCharsets.UTF_8));
    }
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isZero();
    return output;
  }
}
