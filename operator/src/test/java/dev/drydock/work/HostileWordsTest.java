package dev.drydock.work;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.api.v1alpha1.maintenance.Audit;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceTask.HostCommand;
import dev.drydock.api.v1alpha1.maintenance.ServiceRestart;
import dev.drydock.api.v1alpha1.maintenance.SystemUpdate;
import dev.drydock.api.v1alpha1.maintenance.Vacuum;
import dev.drydock.kernel.Work;
import dev.drydock.port.Credentials;
import dev.drydock.port.HostLock;
import dev.drydock.port.HostileText;
import dev.drydock.port.LocalHost;
import dev.drydock.port.Script;
import dev.drydock.probe.Demand;
import dev.drydock.probe.Finding;
import dev.drydock.probe.Looker;
import dev.drydock.work.PackageManager.Change;
import java.io.IOException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Wherever text of a resource reaches the shell of a host, it is a word: it is not run, and no
 * program takes it for an option. The scripts run for real; the programs that they call do nothing
 * but look at their arguments.
 */
class HostileWordsTest {
  private static final Duration DEADLINE = Duration.ofSeconds(60);

  /** How many texts are tried in one look, so that it is through by its deadline. */
  private static final int AT_ONCE = 100;

  /** Of every kind one with each text that it can have. */
  private static final List<Demand> DEMANDS =
      List.of(
          new Demand.Units(List.of("ssh"), 0),
          new Demand.Disk("/", 1, null, 1),
          new Demand.Pm2(true, null, null, List.of("web")),
          new Demand.Http("http://localhost:1/", true, 200, "$.ok", "true", 1000, false),
          new Demand.Urls(List.of("http://localhost:1/"), true, 1000),
          new Demand.Prometheus("http://localhost:1", true, "up", 1.0, null),
          new Demand.BeaconNode("http://localhost:1", true, 1, List.of(1L), 1),
          new Demand.Logs("all", null, null, "ERROR", 60, 0),
          new Demand.Logs(null, "ssh", null, "ERROR", 60, 0),
          new Demand.Logs(null, null, "/etc/hostname", "ERROR", 60, 0),
          new Demand.Redis("localhost", 6379, false, true, null, "secret"),
          new Demand.Postgresql("secret", true, null, null, null, null, null),
          new Demand.Command(List.of("true", "word"), 0, "fine", 1000),
          new Demand.Sysctl("vm.swappiness", "10"),
          new Demand.FileState("/etc/hostname", 1L, 1L, 1L),
          new Demand.Certificate(null, "/etc/hostname", 1),
          new Demand.Refused("why"));

  private static final List<Step> STEPS =
      List.of(
          new Step.LogLines("web", null, 10, "ERROR"),
          new Step.LogLines(null, "ssh.service", 10, "ERROR"),
          new Step.Configuration("web"),
          new Step.Restart(List.of("web")),
          new Step.RestartUnits(List.of("ssh.service")),
          new Step.RestartHeaviest(List.of("web")),
          new Step.Stop("web"),
          new Step.CleanUp(true, Duration.ofDays(30), true, List.of("/var/lib")));

  /** No host hears of it. */
  private static final Set<String> ASKED_FROM_HERE = Set.of("Certificate.address");

  @TempDir
  @SuppressWarnings("NullAway.Init")
  private Path directory;

  @SuppressWarnings("NullAway.Init")
  private Path canaries;

  @SuppressWarnings("NullAway.Init")
  private LocalHost host;

  @SuppressWarnings("NullAway.Init")
  private List<String> hostile;

  /** A record, and one of its components that is text. */
  record Place(Record sample, RecordComponent component) {

    static Stream<Place> of(List<?> samples) {
      return samples.stream()
          .map(Record.class::cast)
          .flatMap(sample -> texts(sample.getClass()).map(text -> new Place(sample, text)))
          .filter(place -> !place.isAbsent());
    }

    static Stream<RecordComponent> texts(Class<?> type) {
      return Arrays.stream(type.getRecordComponents())
          .filter(
              component ->
                  component.getType() == String.class
                      || component
                          .getGenericType()
                          .getTypeName()
                          .equals("java.util.List<java.lang.String>"));
    }

    static String name(Class<?> type, RecordComponent component) {
      return type.getSimpleName() + "." + component.getName();
    }

    boolean isList() {
      return component.getType() == List.class;
    }

    private boolean isAbsent() {
      return value(component) == null;
    }

    private Object value(RecordComponent one) {
      try {
        return one.getAccessor().invoke(sample);
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(e);
      }
    }

    /** The record with more text there, behind what its list has. */
    Record with(List<String> texts) {
      var list = new ArrayList<String>();
      ((List<?>) value(component)).forEach(text -> list.add((String) text));
      list.addAll(texts);
      return replaced(list);
    }

    /** The record with nothing but this text there. */
    Record withOnly(String text) {
      return replaced(isList() ? List.of(text) : text);
    }

    private Record replaced(Object text) {
      RecordComponent[] components = sample.getClass().getRecordComponents();
      try {
        var constructor =
            sample
                .getClass()
                .getDeclaredConstructor(
                    Arrays.stream(components)
                        .map(RecordComponent::getType)
                        .toArray(Class<?>[]::new));
        return constructor.newInstance(
            Arrays.stream(components)
                .map(one -> one.getName().equals(component.getName()) ? text : value(one))
                .toArray());
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public String toString() {
      return name(sample.getClass(), component)
          + (sample instanceof Demand.Logs || sample instanceof Step.LogLines
              ? " of " + sample
              : "");
    }
  }

  @BeforeEach
  void prepare() throws IOException {
    canaries = Files.createDirectory(directory.resolve("canaries"));
    hostile = HostileText.all(canaries);
    Files.createDirectory(directory.resolve("bin"));
    programs();
    pm2();
    host =
        new LocalHost(
            "/bin/sh",
            Map.of(
                "HOME", directory.toString(),
                "PATH", directory.resolve("bin") + ":/usr/bin:/bin",
                "CANARIES", canaries.toString()));
  }

  /** Programs that do nothing, and leave a canary where they are given what they do not expect. */
  private void programs() throws IOException {
    program(
        "sudo",
        """
        while :; do
          case $1 in
            -n | -H) shift ;;
            -u) shift 2 ;;
            --) shift; break ;;
            *) break ;;
          esac
        done
        exec "$@"
        """);
    program(
        "systemctl",
        """
        for word; do
          case $word in
            --) exit 0 ;;
            show | list-units | restart | is-active) ;;
            --no-pager | --plain | --no-legend | --state=failed | --property=*) ;;
            *) stray "$@" ;;
          esac
        done
        """);
    program(
        "journalctl",
        """
        while [ $# -gt 0 ]; do
          case $1 in
            -u | -n | -o | --since) shift ;;
            -q | --no-pager | --vacuum-time=*) ;;
            *) stray "$@" ;;
          esac
          shift
        done
        echo ERROR
        """);
    program(
        "apt-get",
        """
        while [ $# -gt 0 ] && [ "$1" != -- ]; do
          case $1 in
            -o) shift ;;
            -q | -y | -d | clean | install | --only-upgrade | --no-remove) ;;
            *) stray "$@" ;;
          esac
          shift
        done
        """);
    program(
        "docker",
        """
        case "$*" in
          'info -f {{.DockerRootDir}}') echo /var/lib/docker ;;
          'image prune -af') ;;
          *) stray "$@" ;;
        esac
        """);
    program("sysctl", "[ $# -eq 4 ] && [ \"$1 $2 $3\" = '-q -w --' ] || stray \"$@\"");
    program(
        "curl",
        """
        while IFS= read -r line; do
          case $line in
            'url = "'*'"') ;;
            *) stray "$line" ;;
          esac
        done
        """);
    program(
        "redis-cli",
        """
        while [ $# -gt 0 ]; do
          case $1 in
            -h | -p | --user) shift ;;
            *) stray "$@" ;;
          esac
          shift
        done
        cat >/dev/null
        """);
  }

  /** A PM2 whose processes have hostile names, as far as a line of a list can tell them. */
  private void pm2() throws IOException {
    Path daemon = Files.createDirectory(directory.resolve(".pm2"));
    Files.writeString(daemon.resolve("pm2.pid"), ProcessHandle.current().pid() + "");
    Path log = Files.writeString(directory.resolve("web.log"), "ERROR\n");
    var processes = new ArrayList<String>();
    var logs = new ArrayList<String>();
    for (String name : hostile) {
      if (name.indexOf('\t') < 0 && name.indexOf('\n') < 0) {
        processes.add(processes.size() + "\tfork_mode\tonline\t5\t" + name);
        logs.add(name + "\t" + log);
      }
    }
    Files.write(directory.resolve("processes"), processes);
    Files.write(directory.resolve("logs"), logs);
    var looked = new ArrayList<>(List.of("[{\"name\":\"web\",\"pm_id\":0,\"pm2_env\":{}}]"));
    logs.forEach(line -> looked.add("log\t" + line));
    Files.write(directory.resolve("looked"), looked);
    program(
        "pm2",
        """
        case "$#:$*" in
          1:jlist) ;;
          2:restart\\ *[!0-9]* | 2:stop\\ *[!0-9]*) stray "$@" ;;
          2:restart\\ [0-9]* | 2:stop\\ [0-9]*) ;;
          *) stray "$@" ;;
        esac
        """);
    program(
        "node",
        """
        [ "$1 $3" = '-e --' ] || stray "$@"
        case $2 in
          *'"log\\t"'*) cat "$HOME/looked" ;;
          *exec_mode,*) cat "$HOME/processes" ;;
          *) cat "$HOME/logs" ;;
        esac
        """);
  }

  private void program(String name, String text) throws IOException {
    Path file = directory.resolve("bin").resolve(name);
    Files.writeString(
        file,
        "#!/bin/sh\nstray() { printf '%s\\n' \"$@\" >\"$CANARIES/" + name + "-$$\"; }\n" + text);
    assertThat(file.toFile().setExecutable(true)).isTrue();
  }

  private void assertNothingRan() throws IOException {
    try (var files = Files.list(canaries)) {
      assertThat(files).as("canaries that a word has made").isEmpty();
    }
  }

  private HostLock lock() {
    return ((HostLock.Held)
            host.lock(LocalHost.ACCESS, new Work("test", List.of()), DEADLINE, DEADLINE))
        .lock();
  }

  static Stream<Place> demands() {
    return Place.of(DEMANDS);
  }

  @ParameterizedTest
  @MethodSource("demands")
  void nothingThatIsDemandedIsRun(Place place) throws IOException {
    for (int from = 0; from < hostile.size(); from += AT_ONCE) {
      assertNoneIsRun(place, hostile.subList(from, Math.min(from + AT_ONCE, hostile.size())));
    }
    assertNothingRan();
  }

  private void assertNoneIsRun(Place place, List<String> texts) {
    var demands = new LinkedHashMap<String, Demand>();
    for (String text : texts) {
      demands.put("only " + demands.size(), (Demand) place.withOnly(text));
      // Each word of a list is quoted alike: some are tried as a later one, too.
      if (place.isList() && demands.size() % 5 == 0) {
        demands.put("behind " + demands.size(), (Demand) place.with(List.of(text)));
      }
    }
    assertThat(demands.values()).doesNotContain((Demand) place.sample());
    demands.put("load", new Demand.Load(1, 100_000.0, null));
    // A login is as hostile as the name of its Secret.
    Credentials credentials =
        name -> new Credentials.Present(Map.of("username", name, "password", name));
    var looker = new Looker(host, new NoNetwork(), new FakeDatabase(), Clock.systemUTC());
    assertThat(looker.look(LocalHost.ACCESS, demands, credentials, DEADLINE))
        .isInstanceOfSatisfying(
            Looker.Seen.class,
            seen -> {
              assertThat(seen.findings()).containsOnlyKeys(demands.keySet());
              assertThat(seen.findings().get("load")).isInstanceOf(Finding.Fine.class);
            });
  }

  static Stream<Place> steps() {
    return Place.of(STEPS);
  }

  @ParameterizedTest
  @MethodSource("steps")
  void nothingThatAStepNamesIsRun(Place place) throws IOException {
    List<Record> steps =
        place.isList()
            ? List.of(place.with(hostile))
            : hostile.stream().map(place::withOnly).toList();
    assertThat(steps).doesNotContain(place.sample());
    try (HostLock lock = lock()) {
      for (Record step : steps) {
        assertThat(StepWork.carryOut(lock, (Step) step, List.of("web"), "/"))
            .isNotInstanceOf(StepOutcome.Lost.class);
      }
    }
    assertNothingRan();
  }

  @Test
  void nothingThatACheckFindsAtFaultIsRun() throws IOException {
    List<Step> steps =
        List.of(
            new Step.LogLines(Step.OFFENDER, null, 10, "ERROR"),
            new Step.Configuration(Step.OFFENDER),
            new Step.Restart(List.of(Step.OFFENDER)),
            new Step.Stop(Step.OFFENDER));
    try (HostLock lock = lock()) {
      for (Step step : steps) {
        assertThat(StepWork.carryOut(lock, step, hostile, null))
            .isNotInstanceOf(StepOutcome.Lost.class);
      }
      var cleanUp = new Step.CleanUp(true, null, false, List.of());
      for (String path : hostile) {
        assertThat(StepWork.carryOut(lock, cleanUp, List.of(), path))
            .isNotInstanceOf(StepOutcome.Lost.class);
      }
    }
    assertNothingRan();
  }

  @Test
  void nothingThatATaskNamesIsRun() throws IOException {
    String place = directory.resolve("sysctl.d").toString();
    var scripts = new ArrayList<Script>();
    for (String text : hostile) {
      scripts.add(Audits.fix(text, "10", place));
      scripts.add(Audits.fix("vm.swappiness", text, place));
      scripts.add(HostCommands.script("true", text));
    }
    List<Change> changes = hostile.stream().map(name -> new Change(name, "1", "2")).toList();
    scripts.add(new Apt().download(true, changes));
    scripts.add(new Apt().install(true, changes));
    try (HostLock lock = lock()) {
      scripts.forEach(script -> lock.run(script, DEADLINE));
    }
    assertNothingRan();
  }

  @Test
  void everyTextOfADemandAndAStepIsTried() {
    Set<String> tried =
        Stream.concat(demands(), steps())
            .map(place -> Place.name(place.sample().getClass(), place.component()))
            .collect(Collectors.toSet());
    Set<String> all =
        Stream.of(Demand.class, Step.class)
            .flatMap(type -> Arrays.stream(type.getPermittedSubclasses()))
            .flatMap(type -> Place.texts(type).map(text -> Place.name(type, text)))
            .filter(name -> !ASKED_FROM_HERE.contains(name))
            .collect(Collectors.toSet());
    assertThat(tried).containsExactlyInAnyOrderElementsOf(all);
  }

  /** Whoever adds one finds out how it gets to a host, and tries it above if it is a word there. */
  @Test
  void everyTextOfATaskIsKnown() {
    var texts = new TreeSet<String>();
    Stream.of(
            SystemUpdate.class, ServiceRestart.class, Vacuum.class, Audit.class, HostCommand.class)
        .forEach(type -> collect(type, texts));
    assertThat(texts)
        .containsExactlyInAnyOrder(
            // Tried as a word of a script.
            "AuditSysctl.expect",
            "AuditSysctl.key",
            "HostCommand.user",
            // Becomes a demand or a step.
            "Audit.urls",
            "JsonExpectation.equals",
            "JsonExpectation.path",
            "Redis.url",
            "SecretReference.name",
            "ServiceRestart.pm2",
            "ServiceRestart.processes",
            "ServiceRestart.systemd",
            "VerifyHttp.url",
            "VerifyLogs.file",
            "VerifyLogs.journal",
            "VerifyLogs.pattern",
            "VerifyLogs.pm2",
            "VerifySystemd.units",
            // Is a word in the journal of the host's lock.
            "Disturbance.pm2",
            "Disturbance.systemd",
            // Is meant to be run.
            "HostCommand.run",
            // Stays here.
            "Database.secretName",
            "HostCommand.timeout",
            "Postgresql.replicationLagAbove",
            "Postgresql.secretName",
            "Reboot.timeout",
            "ServiceRestart.settle",
            "Vacuum.databases",
            "Vacuum.lockTimeout",
            "Verify.timeout");
  }

  private static void collect(Class<?> type, Set<String> texts) {
    Place.texts(type).forEach(text -> texts.add(Place.name(type, text)));
    for (RecordComponent component : type.getRecordComponents()) {
      if (component.getType().isRecord()) {
        collect(component.getType(), texts);
      }
      if (component.getGenericType() instanceof ParameterizedType list
          && list.getActualTypeArguments()[0] instanceof Class<?> element
          && element.isRecord()) {
        collect(element, texts);
      }
    }
  }
}
