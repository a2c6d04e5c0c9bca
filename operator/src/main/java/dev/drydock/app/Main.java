package dev.drydock.app;

import dev.drydock.adapter.http.JdkNetwork;
import dev.drydock.adapter.postgres.PgDatabase;
import dev.drydock.adapter.ssh.SshHostShell;
import dev.drydock.kube.ClusterClient;
import dev.drydock.task.LookTask;
import dev.drydock.task.MaintainTask;
import dev.drydock.task.ReportTask;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The program: the operator, or what one of its task pods runs. */
public final class Main {
  private static final String USAGE =
      """
      usage: drydock COMMAND

        operator         runs the controllers, in a cluster or with a kubeconfig
        task look        looks once at the hosts of an assignment: what a policy's CronJob runs
        task report      looks at them with every check, and leaves each value: for a report
        task maintain    does the work of a maintenance task: what the task's CronJob runs
        calendar         prints the next runs of MaintenanceSchedules as a calendar
        import-crontab   makes a MaintenanceSchedule of a crontab
        rehearse         starts and stops the operator without a cluster, to train the AOT cache
        --version        prints the version
        --help           prints this; after calendar or import-crontab, their options
      """;

  private Main() {}

  /**
   * Runs one command; its exit status is 0 if it did what it was asked, 2 if it was not understood.
   */
  public static void main(String... arguments) throws InterruptedException {
    List<String> command = Arrays.asList(arguments);
    switch (command.isEmpty() ? "" : command.getFirst()) {
      case "calendar", "import-crontab" -> System.exit(forPeople(command));
      default -> {}
    }
    switch (String.join(" ", command)) {
      case "operator" -> operate();
      case "task look" -> System.exit(look(LookTask::run));
      case "task report" -> System.exit(look(task -> new ReportTask(task, System.out).run()));
      case "task maintain" -> System.exit(maintain());
      case "rehearse" -> {
        Rehearsal.run();
        // JOSDK leaves a thread behind.
        System.exit(0);
      }
      case "--version" -> System.out.println(version());
      case "--help" -> System.out.print(USAGE);
      default -> {
        System.err.print(USAGE);
        System.exit(2);
      }
    }
  }

  private static int forPeople(List<String> command) {
    List<String> arguments = command.subList(1, command.size());
    boolean isCalendar = command.getFirst().equals("calendar");
    if (arguments.equals(List.of("--help"))) {
      System.out.print(isCalendar ? PrintCalendar.USAGE : ImportCrontab.USAGE);
      return 0;
    }
    return isCalendar
        ? PrintCalendar.run(arguments, System.in, System.out, System.err, Clock.systemUTC())
        : ImportCrontab.run(arguments, System.in, System.out, System.err);
  }

  private static String version() {
    return "drydock "
        + Objects.requireNonNullElse(
            Main.class.getPackage().getImplementationVersion(), "(unpackaged)");
  }

  private static void operate() throws InterruptedException {
    Settings settings;
    try {
      settings = Settings.of(System.getenv());
    } catch (IllegalArgumentException e) {
      System.err.println("drydock: " + e.getMessage());
      System.exit(2);
      return;
    }
    Logger log = LoggerFactory.getLogger(Main.class);
    log.info("{}", version());
    var ended = new CountDownLatch(1);
    try {
      // halt, not exit: a shutdown hook would go on working after the lease is lost.
      var process =
          new OperatorProcess(
              ClusterClient.create(),
              settings,
              Clock.systemUTC(),
              () -> Runtime.getRuntime().halt(1));
      Runtime.getRuntime()
          .addShutdownHook(
              new Thread(
                  () -> {
                    process.close();
                    ended.countDown();
                  },
                  "stop"));
      process.start();
    } catch (RuntimeException e) {
      log.error("the operator can't start", e);
      Runtime.getRuntime().halt(1);
    }
    ended.await();
  }

  /** What is done with the means to look. */
  private interface Look {
    int with(LookTask task) throws InterruptedException;
  }

  private static int look(Look look) throws InterruptedException {
    try (var shell = new SshHostShell();
        var network = new JdkNetwork()) {
      return look.with(
          new LookTask(
              shell,
              network,
              new PgDatabase(),
              Clock.systemUTC(),
              taskDirectory(),
              taskResult(),
              System.getenv("DRYDOCK_JOB")));
    }
  }

  private static int maintain() {
    try (var shell = new SshHostShell();
        var network = new JdkNetwork()) {
      var task =
          new MaintainTask(
              new MaintainTask.Ports(shell, network, new PgDatabase()),
              Clock.systemUTC(),
              Thread::sleep,
              new MaintainTask.Settings(
                  taskDirectory(),
                  taskResult(),
                  System.getenv("DRYDOCK_JOB"),
                  System.getenv("DRYDOCK_SLOT"),
                  System.getenv("DRYDOCK_RUN"),
                  "false".equals(System.getenv("DRYDOCK_FOLLOWS"))));
      Runtime.getRuntime().addShutdownHook(new Thread(task::stop, "stop"));
      return task.run();
    }
  }

  private static Path taskDirectory() {
    return Path.of(System.getenv().getOrDefault("DRYDOCK_TASK_DIRECTORY", "/etc/drydock/task"));
  }

  private static Path taskResult() {
    return Path.of(System.getenv().getOrDefault("DRYDOCK_TASK_RESULT", "/dev/termination-log"));
  }
}
