package dev.drydock.work;

import dev.drydock.port.Database;
import dev.drydock.port.DatabaseAccess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Databases that are vacuumed at once, but for one table each. */
public final class FakeDatabase implements Database {
  private final List<String> asked = Collections.synchronizedList(new ArrayList<>());

  /** What was asked to be vacuumed, and how. */
  public List<String> asked() {
    return List.copyOf(asked);
  }

  @Override
  public Examination examine(DatabaseAccess access, boolean bloat, Duration deadline) {
    return new NotReached(Problem.NO_ANSWER, "nobody listens");
  }

  @Override
  public Vacuuming vacuum(
      DatabaseAccess access, VacuumOrder order, Consumer<String> progress, Duration deadline) {
    asked.add(access.where() + " " + order);
    progress.accept("1 of 3 tables");
    List<String> names = order.databases().isEmpty() ? List.of(access.name()) : order.databases();
    return new Vacuumed(
        names.stream().map(FakeDatabase::vacuumed).toList(),
        List.of(),
        Duration.ofSeconds(12),
        Optional.empty());
  }

  private static VacuumedDatabase vacuumed(String name) {
    return new VacuumedDatabase(
        name,
        1_288_490_189,
        964_689_920,
        List.of(
            new VacuumedTable("public.events", 10, 5, 34_000, 0, Duration.ofSeconds(5)),
            new VacuumedTable("public.blocks", 10, 10, 612, 100, Duration.ofSeconds(5))),
        List.of(new LeftOut("public.accounts", "locked by app pid 123 for 4m")),
        Contents.NONE,
        Optional.empty());
  }
}
