package dev.drydock.app;

import dev.drydock.api.v1alpha1.common.Formats;
import dev.drydock.api.v1alpha1.common.HostSelection;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceSchedule;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleSpec;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceTask;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceTask.HostCommand;
import dev.drydock.kernel.Text;
import dev.drydock.maintenance.Crontab;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The command that makes MaintenanceSchedules of a crontab. */
final class ImportCrontab {
  static final String USAGE =
      """
      usage: drydock import-crontab [--name NAME] [--hosts A,B] [--time-zone ZONE]
                                    [--user USER | --system] FILE|-

        Prints a MaintenanceSchedule that does what a crontab does, one for each CRON_TZ in it;
        on stderr, line by line, what can't be said in one.

        --name NAME       the schedule's name, and that of the host if there is no --hosts (crontab)
        --hosts A,B       names of the Hosts that the commands run on
        --time-zone ZONE  of schedules without CRON_TZ: that of the host (Etc/UTC)
        --user USER       who the commands run as: the crontab's owner (the Host's own user)
        --system          each line names its user, as in /etc/crontab

        exit status: 0 if everything could be said, 3 if something is missing, 2 if the arguments
        or the file could not be read
      """;

  private static final int DONE = 0;
  private static final int MISUSED = 2;
  private static final int INCOMPLETE = 3;

  /** Of a schedule's name and a task's together: they name a CronJob. */
  private static final int LONGEST_NAMES = 51;

  private static final int MOST_TASKS = 50;
  private static final int MOST_HOSTS = 500;

  /** cron ends nothing; this is what a run may take at the most. */
  private static final String TIMEOUT = "6h";

  private final PrintStream out;
  private final PrintStream err;
  private String name = "crontab";
  private List<String> hosts = List.of();
  private String zone = "Etc/UTC";
  private @Nullable String user;
  private boolean isSystem;
  private @Nullable String file;

  private ImportCrontab(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
  }

  /** Runs the command and answers its exit status. */
  static int run(List<String> arguments, InputStream in, PrintStream out, PrintStream err) {
    var command = new ImportCrontab(out, err);
    String text;
    try {
      command.read(arguments);
      text = Inputs.read(Objects.requireNonNull(command.file), in);
    } catch (IllegalArgumentException | IOException e) {
      err.println("drydock: " + e.getMessage());
      err.print(USAGE);
      return MISUSED;
    }
    return command.convert(text);
  }

  private void read(List<String> arguments) {
    var words = new ArrayDeque<>(arguments);
    while (!words.isEmpty()) {
      String word = words.remove();
      switch (word) {
        case "--name" -> name = checked("schedule", Inputs.value(word, words), Formats.NAME);
        case "--hosts" ->
            hosts =
                Stream.of(Inputs.value(word, words).split(",", -1))
                    .map(host -> checked("host", host, Formats.NAME))
                    .toList();
        case "--time-zone" -> zone = zone(Inputs.value(word, words));
        case "--user" -> user = checked("user", Inputs.value(word, words), Formats.USER);
        case "--system" -> isSystem = true;
        default -> {
          if (file != null || (word.startsWith("-") && !word.equals("-"))) {
            throw new IllegalArgumentException("import-crontab does not take " + word);
          }
          file = word;
        }
      }
    }
    if (file == null) {
      throw new IllegalArgumentException("import-crontab needs a FILE, or - for standard input");
    }
    if (isSystem && user != null) {
      throw new IllegalArgumentException("--system and --user exclude each other");
    }
    if (name.length() > 40) {
      throw new IllegalArgumentException("the name has more than 40 characters");
    }
    if (hosts.size() > MOST_HOSTS) {
      throw new IllegalArgumentException("there are more than " + MOST_HOSTS + " hosts");
    }
  }

  private static String checked(String what, String value, String format) {
    if (!value.matches(format) || value.length() > 63) {
      throw new IllegalArgumentException("'" + value + "' can't be the name of a " + what);
    }
    return value;
  }

  private static String zone(String value) {
    if (!Crontab.isZone(value)) {
      throw new IllegalArgumentException("'" + value + "' is not a time zone");
    }
    return value;
  }

  private int convert(String text) {
    // Room for a suffix of the schedule's name, up to -99.
    Crontab crontab = Crontab.read(text, isSystem, user, LONGEST_NAMES - name.length() - 3);
    boolean isComplete = true;
    for (Crontab.Remark remark : crontab.remarks()) {
      isComplete &= !remark.isLost();
      err.println(
          "line "
              + remark.line()
              + (remark.isLost() ? ": left out: " : ": note: ")
              + Text.line(remark.text(), 500));
    }
    if (hosts.isEmpty()) {
      err.println(
          "note: the commands run on the Host " + name + ": say --hosts if it has another name");
    }
    if (crontab.entries().size() > 1) {
      err.println(
          "note: cron starts all that is due, Drydock one task at a time on a host: one that had to"
              + " wait longer than its startingDeadlineSeconds (300 if left out) is Missed");
    }
    Map<String, List<Crontab.Entry>> byZone = new LinkedHashMap<>();
    for (Crontab.Entry entry : crontab.entries()) {
      String of = Objects.requireNonNullElse(entry.timeZone(), zone);
      byZone.computeIfAbsent(of, _ -> new ArrayList<>()).add(entry);
    }
    int count = 0;
    for (var entries : byZone.entrySet()) {
      List<Crontab.Entry> all = entries.getValue();
      for (int from = 0; from < all.size(); from += MOST_TASKS) {
        count++;
        List<Crontab.Entry> some = all.subList(from, Math.min(all.size(), from + MOST_TASKS));
        print(count == 1 ? name : name + "-" + count, entries.getKey(), some);
      }
    }
    if (count == 0) {
      err.println("drydock: there is no entry in it that could become a task");
    }
    return isComplete && count > 0 ? DONE : INCOMPLETE;
  }

  private void print(String schedule, String timeZone, List<Crontab.Entry> entries) {
    var resource = new MaintenanceSchedule();
    resource.setMetadata(new ObjectMetaBuilder().withName(schedule).build());
    resource.setSpec(
        new MaintenanceScheduleSpec(
            timeZone,
            new HostSelection(hosts.isEmpty() ? List.of(name) : hosts, null),
            List.of(),
            null,
            null,
            null,
            null,
            entries.stream().map(ImportCrontab::task).toList()));
    String yaml = Serialization.asYaml(resource);
    out.print((yaml.startsWith("---") ? "" : "---\n") + yaml.stripTrailing() + "\n");
  }

  private static MaintenanceTask task(Crontab.Entry entry) {
    return new MaintenanceTask(
        entry.name(),
        entry.schedule().startsWith("@")
            ? entry.schedule().toLowerCase(Locale.ROOT)
            : entry.schedule(),
        null,
        null,
        List.of(),
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        new HostCommand(entry.command(), entry.user(), TIMEOUT, null),
        null);
  }
}
