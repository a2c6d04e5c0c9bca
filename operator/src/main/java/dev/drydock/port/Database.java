package dev.drydock.port;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Looks into PostgreSQL databases, and vacuums them. Never throws. */
public interface Database {

  /**
   * Reads what a check asks of a database, and changes nothing. Returns within {@code deadline} and
   * a second.
   *
   * @param bloat whether unused space is to be estimated, too, which costs the server more than all
   *     the rest; it comes last, and fails alone
   */
  Examination examine(DatabaseAccess access, boolean bloat, Duration deadline);

  /**
   * Runs VACUUM in one database after the other, on one table after the other, those with most dead
   * rows first, while they are used as ever: no lock is taken that a reader or writer waits for. A
   * table whose own lock is not to be had is left out; a database that is not to be had is named,
   * and those after it have their turn. One VACUUM of Drydock's at a time runs in a database, and
   * in all that are reached by way of it.
   *
   * <p>Returns within {@code deadline} and two seconds; what runs then is canceled on the server.
   * So it is when the calling thread is interrupted, which then stays interrupted.
   *
   * @param progress is told in a sentence how it goes, every few seconds, on another thread
   */
  Vacuuming vacuum(
      DatabaseAccess access, VacuumOrder order, Consumer<String> progress, Duration deadline);

  /** What came of a question. */
  sealed interface Examination permits Examined, NotReached {}

  /** What came of a VACUUM. */
  sealed interface Vacuuming permits Vacuumed, Busy, NotReached {}

  /**
   * The database did not do what it was asked.
   *
   * @param message why, in a few words; holds no password
   */
  record NotReached(Problem problem, String message) implements Examination, Vacuuming {}

  /** Why a database did not do what it was asked. */
  enum Problem {
    /** Nobody listens, the network loses it, or whatever answers is no PostgreSQL. */
    NO_ANSWER,
    /** The user, the password, or the database's name. */
    LOGIN_REFUSED,
    /** All connections are taken. */
    NO_CONNECTION_LEFT,
    /** It let us in, and then did not allow or manage what was asked. */
    FAILED,
    /** Nobody knows: this process stops. */
    NOT_ASKED
  }

  /**
   * How a database is.
   *
   * @param standby whether it replays what another server writes
   * @param size in bytes
   * @param tables those with most dead rows, in order of their share; few rows don't count
   * @param bloat {@link Bloat#NONE}, too, where it was not asked for
   */
  record Examined(
      String version,
      boolean standby,
      long size,
      Connections connections,
      WithoutPrimaryKey withoutPrimaryKey,
      List<TableRows> tables,
      Bloat bloat,
      Replication replication)
      implements Examination {
    public Examined {
      tables = List.copyOf(tables);
    }

    /** The same, with an estimate of what is unused. */
    public Examined with(Bloat bloat) {
      return new Examined(
          version, standby, size, connections, withoutPrimaryKey, tables, bloat, replication);
    }
  }

  /**
   * Connections of clients.
   *
   * @param most how many there may be of users who are not superusers
   */
  record Connections(int used, int most) {}

  /**
   * Tables without a primary key.
   *
   * @param some the names of the first of them
   */
  record WithoutPrimaryKey(long count, List<String> some) {
    public WithoutPrimaryKey {
      some = List.copyOf(some);
    }
  }

  /**
   * The rows of a table, as the server's statistics count them.
   *
   * @param size of the table alone, in bytes, as the last VACUUM or ANALYZE found it
   * @param vacuumed how long ago a VACUUM, by whomever, ended; null: never, or nobody knows
   */
  record TableRows(String name, long live, long dead, long size, @Nullable Duration vacuumed) {
    /** The share of dead rows, in percent. */
    public double deadPercent() {
      return live + dead == 0 ? 0 : 100.0 * dead / (live + dead);
    }
  }

  /**
   * Space that tables hold and do not use. Small tables don't count.
   *
   * @param worst those with most of it, in order of its share
   * @param notAnalyzed some of the tables that have no statistics, so that nobody knows
   * @param hidden some of those whose statistics the user may not read
   * @param failure why nothing is known of any table; empty: it was told
   */
  record Bloat(
      List<TableBloat> worst, List<String> notAnalyzed, List<String> hidden, String failure) {
    /** There is no table that counts. */
    public static final Bloat NONE = new Bloat(List.of(), List.of(), List.of());

    public Bloat(List<TableBloat> worst, List<String> notAnalyzed, List<String> hidden) {
      this(worst, notAnalyzed, hidden, "");
    }

    /** Nobody knows. */
    public static Bloat unknown(String why) {
      return new Bloat(List.of(), List.of(), List.of(), why);
    }

    public Bloat {
      worst = List.copyOf(worst);
      notAnalyzed = List.copyOf(notAnalyzed);
      hidden = List.copyOf(hidden);
    }
  }

  /**
   * How much of a table is unused, by an estimate.
   *
   * @param size of the table alone, in bytes, as the last VACUUM or ANALYZE found it
   * @param unused how many of them its rows do not need
   */
  record TableBloat(String name, long size, long unused) {
    /** The share that is unused, in percent. */
    public double percent() {
      return size == 0 ? 0 : 100.0 * unused / size;
    }
  }

  /**
   * How far replicas are behind.
   *
   * @param hidden whether the user may not see it
   * @param replicas those that this server feeds
   * @param lostSlots physical replication slots that no replica uses
   * @param own how far this server itself is behind; null: it is no standby
   */
  record Replication(
      boolean hidden, List<Replica> replicas, List<Lost> lostSlots, @Nullable Own own) {
    /** There is no replica. */
    public static final Replication NONE = new Replication(false, List.of(), List.of(), null);

    public Replication {
      replicas = List.copyOf(replicas);
      lostSlots = List.copyOf(lostSlots);
    }
  }

  /**
   * One replica.
   *
   * @param lag null: it has nothing to catch up with, or has not said
   * @param behind in bytes of the log
   */
  record Replica(String name, String state, @Nullable Duration lag, long behind) {}

  /**
   * A slot whose replica is gone.
   *
   * @param kept bytes of the log that are kept for it
   */
  record Lost(String slot, long kept) {}

  /**
   * A standby, by itself.
   *
   * @param receiving whether it is connected to the server that it follows
   * @param lag how old the newest that it has replayed is; null: nobody knows
   */
  record Own(boolean receiving, @Nullable Duration lag) {}

  /**
   * What is to be done.
   *
   * @param databases names of databases of the server, in their order; none: the one that is logged
   *     in to; {@link #ALL}: those that the user may connect to, without templates
   * @param analyze whether the planner's statistics are renewed, too
   * @param lockTimeout how long to wait for the lock on a table
   * @param reportTables how many of the largest tables of a database are reported
   */
  record VacuumOrder(
      List<String> databases, boolean analyze, Duration lockTimeout, int reportTables) {
    /** In place of names. */
    public static final List<String> ALL = List.of("*");

    public VacuumOrder {
      databases = List.copyOf(databases);
    }

    /** Whether it is for whatever databases there are. */
    public boolean isForAll() {
      return databases.equals(ALL);
    }
  }

  /** Another VACUUM of Drydock's runs in the database; the message says whose. */
  record Busy(String message) implements Vacuuming {}

  /**
   * What was done.
   *
   * @param databases those whose turn came, in their order
   * @param notBegun names of those whose turn did not come
   * @param stopped why it ended before all had their turn
   */
  record Vacuumed(
      List<VacuumedDatabase> databases,
      List<String> notBegun,
      Duration took,
      Optional<String> stopped)
      implements Vacuuming {
    public Vacuumed {
      databases = List.copyOf(databases);
      notBegun = List.copyOf(notBegun);
    }
  }

  /**
   * What was done in one database.
   *
   * @param sizeBefore of the whole database, in bytes
   * @param done tables that were vacuumed, in their order
   * @param leftOut tables that were not, and why
   * @param wrong why not all tables had their turn, if this database alone is why
   */
  record VacuumedDatabase(
      String name,
      long sizeBefore,
      long sizeAfter,
      List<VacuumedTable> done,
      List<LeftOut> leftOut,
      Contents contents,
      Optional<String> wrong) {
    public VacuumedDatabase {
      done = List.copyOf(done);
      leftOut = List.copyOf(leftOut);
    }

    /** How many dead rows there were in the tables that were vacuumed. */
    public long deadBefore() {
      return done.stream().mapToLong(VacuumedTable::deadBefore).sum();
    }

    /** How many there are left in them. */
    public long deadAfter() {
      return done.stream().mapToLong(VacuumedTable::deadAfter).sum();
    }

    /** How many dead rows are gone. */
    public long rowsRemoved() {
      return done.stream().mapToLong(t -> Math.max(0, t.deadBefore() - t.deadAfter())).sum();
    }
  }

  /**
   * What a database holds after a VACUUM.
   *
   * @param largest tables, with the size of their indexes and of what is stored apart
   * @param manyDead tables that many dead rows are left in, in order of their share
   * @param bloat space that tables hold and do not use, which VACUUM gives to nobody else
   */
  record Contents(
      List<TableSize> largest,
      Schemas schemas,
      WithoutPrimaryKey withoutPrimaryKey,
      List<TableRows> manyDead,
      Bloat bloat) {
    /** Nobody has looked. */
    public static final Contents NONE =
        new Contents(
            List.of(),
            new Schemas(0, List.of()),
            new WithoutPrimaryKey(0, List.of()),
            List.of(),
            Bloat.NONE);

    public Contents {
      largest = List.copyOf(largest);
      manyDead = List.copyOf(manyDead);
    }
  }

  /**
   * Schemas that have tables.
   *
   * @param largest the first of them
   */
  record Schemas(long count, List<SchemaSize> largest) {
    public Schemas {
      largest = List.copyOf(largest);
    }
  }

  /** How large a schema is, by an estimate in bytes. */
  record SchemaSize(String name, long tables, long size) {}

  /** A table that was vacuumed; sizes in bytes, with indexes and what is stored apart. */
  record VacuumedTable(
      String name,
      long sizeBefore,
      long sizeAfter,
      long deadBefore,
      long deadAfter,
      Duration took) {}

  /**
   * A table that was not vacuumed.
   *
   * @param why who holds its lock, or what else was wrong
   */
  record LeftOut(String name, String why) {}

  /** How large a table is, in bytes and rows. */
  record TableSize(String name, long size, long live, long dead) {}
}
