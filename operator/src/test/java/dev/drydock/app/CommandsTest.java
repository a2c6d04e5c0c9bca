package dev.drydock.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.api.v1alpha1.maintenance.MaintenanceSchedule;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceTask;
import dev.drydock.testing.ApiServer;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What people run on their own machine. */
class CommandsTest {
  /** A Tuesday. */
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-11-24T12:00:00Z"), ZoneOffset.UTC);

  private static final String SCHEDULES =
      """
      apiVersion: v1
      kind: List
      items:
      - apiVersion: drydock.dev/v1alpha1
        kind: Host
        metadata: {name: ethbig, namespace: a, labels: {patch: monthly}}
        spec: {address: 127.0.0.1}
      - apiVersion: drydock.dev/v1alpha1
        kind: MaintenanceSchedule
        metadata: {name: one, namespace: a, managedFields: []}
        spec:
          timeZone: Europe/Berlin
          hosts: {selector: {matchLabels: {patch: monthly}}}
          freezes: [{from: "2026-11-26T00:00:00Z", to: "2026-11-27T00:00:00Z", reason: release}]
          tasks:
          - {name: update, schedule: "0 23 * * 3,4", window: {duration: 2h, cutoff: 30m}, approval: Required, systemUpdate: {}}
          - {name: report, schedule: "0 8 * * 3", healthReport: {policies: [p]}}
      - apiVersion: drydock.dev/v1alpha1
        kind: MaintenanceSchedule
        metadata: {name: two, namespace: a}
        spec:
          tasks:
          - {name: garden, schedule: "30 22 * * 3", hosts: {names: [ethbig]}, command: {run: garden}}
      - {apiVersion: v1, kind: ConfigMap, metadata: {name: other}}
      """;

  private record Ran(int status, String out, String err) {}

  private interface Command {
    int run(List<String> arguments, InputStream in, PrintStream out, PrintStream err);
  }

  private static Ran run(Command command, String input, String... arguments) {
    var out = new ByteArrayOutputStream();
    var err = new ByteArrayOutputStream();
    int status =
        command.run(
            Arrays.asList(arguments),
            new ByteArrayInputStream(input.getBytes(UTF_8)),
            new PrintStream(out, true, UTF_8),
            new PrintStream(err, true, UTF_8));
    return new Ran(status, out.toString(UTF_8), err.toString(UTF_8));
  }

  private static Ran calendar(String input, String... arguments) {
    return run(
        (words, in, out, err) -> PrintCalendar.run(words, in, out, err, CLOCK), input, arguments);
  }

  private static Ran crontab(String resource, String... arguments) throws IOException {
    try (InputStream file = CommandsTest.class.getResourceAsStream("/crontabs/" + resource)) {
      String text = new String(Objects.requireNonNull(file).readAllBytes(), UTF_8);
      return run(ImportCrontab::run, text, arguments);
    }
  }

  @Test
  void printsACalendar() {
    Ran ran = calendar(SCHEDULES, "--runs", "4", "-");
    assertThat(ran.err()).isEmpty();
    assertThat(ran.status()).isZero();
    assertThat(ran.out())
        .isEqualTo(
            """
            DATE            TIME   ZONE           TASK        WORK           HOSTS   WINDOW                              NOTE
            Wed 2026-11-25  08:00  Europe/Berlin  one/report  health report  -       -
                            23:00  Europe/Berlin  one/update  system update  ethbig  to Thu 01:00, last start Thu 00:30  CONFLICT with two/garden; needs approval
                            22:30  Etc/UTC        two/garden  command        ethbig  -                                   CONFLICT with one/update
            Thu 2026-11-26  23:00  Europe/Berlin  one/update  system update  ethbig  to Fri 01:00, last start Fri 00:30  FROZEN (release); needs approval
            """);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--runs | drydock: --runs needs a value",
        "--runs=0 | drydock: calendar does not take --runs=0",
        "/nonexistent.yaml | drydock: there is no file /nonexistent.yaml"
      })
  void saysWhatIsWrongWithACalendarsArguments(String argument, String message) {
    Ran ran = calendar("", argument);
    assertThat(ran.status()).isEqualTo(2);
    assertThat(ran.err()).startsWith(message).contains("usage: drydock calendar");
  }

  @Test
  void saysWhichScheduleIsWrong() {
    Ran ran = calendar(SCHEDULES.replace("30 22 * * 3", "often"));
    assertThat(ran.status()).isEqualTo(1);
    assertThat(ran.err())
        .isEqualTo("drydock: schedule two: task garden: 'often' is not a cron schedule\n");
    assertThat(calendar("kind: [").status()).isEqualTo(2);
    assertThat(calendar("kind: Pod\n").out()).isEqualTo("no runs\n");
  }

  @Test
  void importsTheRunbooksCrontab() throws IOException {
    Ran ran = crontab("runbook", "--name", "offchain", "-");
    assertThat(ran.status()).isZero();
    assertThat(ran.err())
        .isEqualTo(
            """
            line 18: note: it runs on each of the days 1-7 and on every SUN; if the first SUN of the month is meant, write: 0 2 ? * SUN#1
            note: the commands run on the Host offchain: say --hosts if it has another name
            note: cron starts all that is due, Drydock one task at a time on a host: one that had to wait longer than its startingDeadlineSeconds (300 if left out) is Missed
            """);
    var schedule = Serialization.unmarshal(ran.out(), MaintenanceSchedule.class);
    assertThat(schedule.getSpec().tasks())
        .extracting(task -> task.schedule() + " " + task.name())
        .containsExactly(
            "0 0 * * 1 health-check",
            "0 2 * * 3 apt-get-update",
            "0 3 * * 3 psql",
            "30 1 * * * db-health",
            "0 1 * * 5 pm2-restart",
            "0 22 * * 5 garden-docs",
            "0 2 1-7 * 0 security-patches");
    assertThat(run(schedule.getSpec().tasks().get(2)))
        .isEqualTo(
            "export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin; exec"
                + " /bin/bash -c 'psql -d offchain -c '\\''VACUUM ANALYZE'\\'''");
    assertThat(run(schedule.getSpec().tasks().get(3))).contains("$(date +%F)");
  }

  private static String run(MaintenanceTask task) {
    return Objects.requireNonNull(task.command()).run();
  }

  @Test
  void saysWhatItLeavesOutOfACrontab() throws IOException {
    Ran ran = crontab("odd", "--hosts", "a,b", "--time-zone", "Asia/Tokyo", "-");
    assertThat(ran.status()).isEqualTo(3);
    assertThat(
            ran.err().lines().map(line -> line.replaceFirst("(left out|note): (.{20}).*", "$1 $2")))
        .containsExactly(
            "line 3: left out no output is mailed ",
            "line 6: left out there is no @reboot:",
            "line 8: left out it has more than fiv",
            "line 9: left out a % begins the comma",
            "line 12: left out '0 3 31 2 *' never c",
            "line 13: left out there are no random ",
            "line 14: left out this is neither an e",
            "line 15: left out 'Nowhere/Land' is no",
            "line 16: note it runs on each of t",
            "line 19: left out '61 * * * *' is not ",
            "line 20: left out cron means both: onl",
            "line 21: left out cron means both: onl",
            "note cron starts all that");
    var berlin =
        Serialization.unmarshal(ran.out().split("---\n", -1)[1], MaintenanceSchedule.class);
    assertThat(berlin.getSpec().timeZone()).isEqualTo("Europe/Berlin");
    assertThat(berlin.getSpec().tasks())
        .extracting(MaintenanceTask::name)
        .containsExactly("backup", "backup-2", "run-me", "echo", "clean-up");
    assertThat(run(berlin.getSpec().tasks().get(2)))
        .isEqualTo("export GREETING='it'\\''s  here'; cd /srv/app && ./Run_Me.PY \"$GREETING\"");
    assertThat(ran.out()).contains("name: \"crontab-2\"", "timeZone: \"America/New_York\"");
  }

  @Test
  void readsTheUsersOfASystemCrontab() throws IOException {
    Ran ran = crontab("system", "--system", "-");
    assertThat(ran.status()).isEqualTo(3);
    var schedule = Serialization.unmarshal(ran.out(), MaintenanceSchedule.class);
    assertThat(schedule.getSpec().tasks())
        .extracting(task -> task.name() + " " + Objects.requireNonNull(task.command()).user())
        .containsExactly("run-parts root", "run-parts-2 root", "artisan www-data");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "--system          | import-crontab needs a FILE, or - for standard input",
        "--name,X y,-      | 'X y' can't be the name of a schedule",
        "--user,-i,-       | '-i' can't be the name of a user",
        "--system,--user,a,- | --system and --user exclude each other",
        "--time-zone,Mars,-  | 'Mars' is not a time zone",
        "-,-               | import-crontab does not take -"
      })
  void saysWhatIsWrongWithArguments(String arguments, String message) throws IOException {
    Ran ran = crontab("runbook", arguments.split(",", -1));
    assertThat(ran.status()).isEqualTo(2);
    assertThat(ran.out()).isEmpty();
    assertThat(ran.err()).startsWith("drydock: ").contains(message.strip(), "usage: ");
  }

  @Test
  void importsWhatTheApiServerTakes() throws IOException {
    try (ApiServer server = ApiServer.start()) {
      server.applyCrds();
      String namespace = server.freshNamespace();
      for (Ran ran :
          List.of(
              crontab("runbook", "--name", "runbook", "--user", "ops", "-"),
              crontab("odd", "--name", "odd", "--hosts", "a,b", "-"),
              crontab("system", "--name", "system", "--system", "-"))) {
        for (String document : ran.out().split("---\n", -1)) {
          if (!document.isEmpty()) {
            var schedule = Serialization.unmarshal(document, MaintenanceSchedule.class);
            assertThat(
                    server
                        .client()
                        .resource(schedule)
                        .inNamespace(namespace)
                        .create()
                        .getMetadata()
                        .getUid())
                .isNotNull();
          }
        }
      }
      assertThat(
              server
                  .client()
                  .resources(MaintenanceSchedule.class)
                  .inNamespace(namespace)
                  .list()
                  .getItems())
          .hasSize(4);
    }
  }
}
