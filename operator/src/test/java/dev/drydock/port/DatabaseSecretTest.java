package dev.drydock.port;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every way to say in a Secret where a database is. */
class DatabaseSecretTest {
  private static final Map<String, String> KEYS =
      Map.of("host", "db", "port", "5433", "dbname", "shop", "username", "u", "password", "p\n");

  private static DatabaseAccess usable(Map<String, String> keys) {
    return ((DatabaseSecret.Usable) DatabaseSecret.read("s", keys)).access();
  }

  private static String unusable(Map<String, String> keys) {
    return ((DatabaseSecret.Unusable) DatabaseSecret.read("s", keys)).message();
  }

  @Test
  void readsSingleKeys() {
    assertThat(usable(KEYS)).isEqualTo(new DatabaseAccess("db", 5433, "shop", "u", "p", "prefer"));
    var some = new HashMap<>(KEYS);
    some.remove("port");
    some.put("sslmode", "require");
    assertThat(usable(some)).isEqualTo(new DatabaseAccess("db", 5432, "shop", "u", "p", "require"));
  }

  @ParameterizedTest
  @CsvSource({
    "postgresql://u:p@db/shop, db, 5432, shop, u, p, prefer",
    "postgres://u:p@db:5433/shop?connect_timeout=9&sslmode=verify-full, db, 5433, shop, u, p, verify-full",
    "postgresql://u%40x:p%3A%2f%C3%A4%25@[::1]:5433/my%20shop, ::1, 5433, my shop, u@x, p:/ä%, prefer",
    // What many a tool writes without escaping it.
    "postgresql://u:p/w:o?r#d%@db/shop, db, 5432, shop, u, p/w:o?r#d%, prefer"
  })
  void readsUris(
      String uri,
      String host,
      int port,
      String name,
      String user,
      String password,
      String sslMode) {
    assertThat(usable(Map.of("uri", uri, "host", "another")))
        .isEqualTo(new DatabaseAccess(host, port, name, user, password, sslMode));
  }

  @Test
  void namesWhatIsMissing() {
    assertThat(unusable(Map.of("host", "db", "username", " ")))
        .isEqualTo(
            "the Secret s has no dbname, no username, no password: it needs host, port, dbname,"
                + " username and password, or uri");
    assertThat(unusable(Map.of("uri", "postgresql://db/")))
        .isEqualTo(
            "the key uri of the Secret s has no user, no password, no dbname: it must be"
                + " postgresql://user:password@host:port/dbname");
  }

  @ParameterizedTest
  @CsvSource({
    "postgres://app:p@hunter2@db.example:5432/shop",
    "postgres://app:p@hunter2/x@db.example:5432/shop",
    "postgres://app:p@hunter2%40db/shop"
  })
  void saysHowToWriteAnAtOfAPassword(String uri) {
    assertThat(unusable(Map.of("uri", uri)))
        .isEqualTo(
            "the key uri of the Secret s has more than one @: percent-encode the password in uri"
                + " (@ is %40)");
  }

  @ParameterizedTest
  @CsvSource({
    "mysql://u:hunter2@db/shop",
    "postgresql://u:hunter2@db:70000/shop",
    "postgresql://u:hunter2@db:x/shop",
    "'postgresql://u:hunter2@a:1,b:2/shop'",
    "postgresql://u:hunter2@%2Fvar%2Frun/shop",
    "postgresql://u:hunter2@db/shop?sslmode=hunter2"
  })
  void refusesWhatItCanNotUseAndQuotesNothing(String uri) {
    assertThat(unusable(Map.of("uri", uri))).contains("Secret s").doesNotContain("hunter2");
  }
}
