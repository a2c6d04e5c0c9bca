package dev.drydock.port;

/**
 * How to reach one PostgreSQL database.
 *
 * @param sslMode as libpq names it: {@code disable}, {@code prefer}, {@code require}, {@code
 *     verify-ca} or {@code verify-full}
 */
public record DatabaseAccess(
    String host, int port, String name, String user, String password, String sslMode) {

  /** The same database by way of {@code port} of this process's own loopback address. */
  public DatabaseAccess through(int port) {
    return new DatabaseAccess("127.0.0.1", port, name, user, password, sslMode);
  }

  /** Another database of the same server. */
  public DatabaseAccess named(String name) {
    return new DatabaseAccess(host, port, name, user, password, sslMode);
  }

  /** Where it is, for people: without user and password. */
  public String where() {
    return name + " at " + host + ":" + port;
  }

  /** Without the password, since records end up in logs. */
  @Override
  public String toString() {
    return "DatabaseAccess[" + where() + "]";
  }
}
