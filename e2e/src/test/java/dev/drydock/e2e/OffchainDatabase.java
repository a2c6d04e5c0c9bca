package dev.drydock.e2e;

import java.util.Map;

/** The PostgreSQL of the lab's offchain, as its owner sees it. */
final class OffchainDatabase {
  /** What a Secret of it holds. */
  static final Map<String, String> SECRET =
      Map.of(
          "host", "localhost",
          "port", "5432",
          "dbname", "offchain",
          "username", "offchain",
          "password", "offchain-lab");

  private OffchainDatabase() {}

  /** A command of the host that asks it, and calls itself {@code program} there. */
  static String psql(String program) {
    return "PGPASSWORD=offchain-lab PGAPPNAME="
        + program
        + " psql -h localhost -U offchain -d offchain -X -q -A -t -v ON_ERROR_STOP=1";
  }

  static String sql(String statements) {
    return LabHost.OFFCHAIN.on(psql("story") + " <<'E'\n" + statements.strip() + "\nE");
  }
}
