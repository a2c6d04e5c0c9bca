package dev.drydock.adapter.postgres;

import dev.drydock.port.Database;
import dev.drydock.port.DatabaseAccess;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Databases by their own protocol, with a connection for each question.
 *
 * <p>Each runs on a virtual thread: to interrupt one closes the socket that it waits for, so that
 * no server can hold it longer than the deadline.
 */
public final class PgDatabase implements Database {
  private static final Duration TO_STOP = Duration.ofMillis(1500);
  private static final Duration BETWEEN_CANCELS = Duration.ofMillis(200);

  @Override
  public Examination examine(DatabaseAccess access, boolean bloat, Duration deadline) {
    long end = System.nanoTime() + deadline.toNanos();
    var task =
        new FutureTask<Examination>(
            () -> {
              try (var connection = PgConnections.open(access, deadline)) {
                return new Examiner(connection, access, end).examine(bloat);
              }
            });
    Thread thread = Thread.ofVirtual().name("examine " + access.where()).start(task);
    try {
      return task.get(deadline.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      return tooLate();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return stopping();
    } catch (ExecutionException e) {
      return explain(e.getCause(), access);
    } finally {
      thread.interrupt();
    }
  }

  @Override
  public Vacuuming vacuum(
      DatabaseAccess access, VacuumOrder order, Consumer<String> progress, Duration deadline) {
    var run = new VacuumRun(access, order, progress);
    var task = new FutureTask<>(run::run);
    Thread thread = Thread.ofVirtual().name("vacuum " + access.where()).start(task);
    try {
      return task.get(deadline.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      return stop(run, task, "the time for it was over");
    } catch (InterruptedException e) {
      Vacuuming soFar = stop(run, task, "it was told to stop");
      Thread.currentThread().interrupt();
      return soFar;
    } catch (ExecutionException e) {
      return explain(e.getCause(), access);
    } finally {
      thread.interrupt();
    }
  }

  /** Cancels on the server what runs, and waits a moment for the word of it. */
  private static Vacuuming stop(VacuumRun run, FutureTask<Vacuuming> task, String why) {
    run.stop(why);
    long end = System.nanoTime() + TO_STOP.toNanos();
    while (System.nanoTime() < end) {
      // More than once: the one before may have come between two statements.
      Thread.ofVirtual().name("cancel a vacuum").start(run::cancel);
      try {
        return task.get(BETWEEN_CANCELS.toMillis(), TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        // Once more.
      } catch (InterruptedException e) {
        // The caller is told by the flag that is set again when this returns.
        return run.soFar();
      } catch (ExecutionException e) {
        break;
      }
    }
    return run.soFar();
  }

  private static NotReached explain(@Nullable Throwable cause, DatabaseAccess access) {
    return cause instanceof SQLException problem
        ? Refusals.explain(problem, access)
        : new NotReached(
            Problem.FAILED,
            "it could not be asked: "
                + (cause == null ? "no reason was given" : cause.getClass().getSimpleName()));
  }

  private static NotReached tooLate() {
    return new NotReached(Problem.NO_ANSWER, "no answer in time");
  }

  private static NotReached stopping() {
    return new NotReached(Problem.NOT_ASKED, "the look was ended");
  }
}
