package dev.drydock.probe;

import dev.drydock.port.Credentials;
import dev.drydock.port.DatabaseAccess;
import dev.drydock.port.DatabaseSecret;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The users and passwords that a look's demands name, each Secret read once. */
final class Logins {
  static final Logins NONE = new Logins(Map.of());

  private static final Login NOBODY = new Login("", "");

  private final Map<String, Credentials.Answer> secrets;

  private Logins(Map<String, Credentials.Answer> secrets) {
    this.secrets = secrets;
  }

  /** A user, or an empty name for the one whom a server takes by default, and a password. */
  record Login(String user, String password) {
    @Override
    public String toString() {
      return "Login[…]";
    }
  }

  static Logins read(Collection<Demand> demands, Credentials credentials) {
    var secrets = new HashMap<String, Credentials.Answer>();
    secrets(demands).forEach(name -> secrets.put(name, credentials.read(name)));
    return secrets.isEmpty() ? NONE : new Logins(secrets);
  }

  /** The names of the Secrets that {@code demands} name. */
  static Set<String> secrets(Collection<Demand> demands) {
    var names = new TreeSet<String>();
    for (Demand demand : demands) {
      String name = secret(demand);
      if (name != null) {
        names.add(name);
      }
    }
    return names;
  }

  private static @Nullable String secret(Demand demand) {
    return switch (demand) {
      case Demand.Postgresql database -> database.secretName();
      case Demand.Redis redis -> redis.passwordSecret();
      default -> null;
    };
  }

  /** The demand, or why it can't be asked for: its Secret is missing or of no use. */
  Demand settle(Demand demand) {
    String name = secret(demand);
    if (name == null) {
      return demand;
    }
    return switch (secrets.get(name)) {
      case Credentials.Absent(String message) -> new Demand.Refused(message);
      case Credentials.Present(Map<String, String> values) -> {
        Optional<String> problem =
            demand instanceof Demand.Postgresql database
                ? problem(database, DatabaseSecret.read(name, values))
                : problem(name, values);
        yield problem.<Demand>map(Demand.Refused::new).orElse(demand);
      }
      case null -> demand;
    };
  }

  private static Optional<String> problem(
      Demand.Postgresql demand, DatabaseSecret.Reading reading) {
    return switch (reading) {
      case DatabaseSecret.Unusable(String message) -> Optional.of(message);
      case DatabaseSecret.Usable(DatabaseAccess access)
          when demand.viaHost() && access.sslMode().equals("verify-full") ->
          Optional.of(
              "the Secret "
                  + demand.secretName()
                  + " asks for sslmode verify-full, and through the host nobody sees the server's"
                  + " name: use verify-ca, or take viaHost away");
      case DatabaseSecret.Usable _ -> Optional.empty();
    };
  }

  private static Optional<String> problem(String name, Map<String, String> values) {
    String password = values.getOrDefault("password", "").strip();
    if (password.isEmpty()) {
      return Optional.of(
          "the Secret "
              + name
              + " has no password: it needs the key password, and username where"
              + " the server has users");
    }
    return password.indexOf('\0') >= 0
        ? Optional.of("the password in the Secret " + name + " holds a NUL character: correct it")
        : Optional.empty();
  }

  /** Where a database is, and by whom it is asked. */
  Optional<DatabaseAccess> database(String secret) {
    return secrets.get(secret) instanceof Credentials.Present(Map<String, String> values)
            && DatabaseSecret.read(secret, values)
                instanceof DatabaseSecret.Usable(DatabaseAccess access)
        ? Optional.of(access)
        : Optional.empty();
  }

  /** Who asks a Redis server; nobody where it asks for no password. */
  Login redis(@Nullable String secret) {
    return secret != null
            && secrets.get(secret) instanceof Credentials.Present(Map<String, String> values)
        ? new Login(
            values.getOrDefault("username", "").strip(),
            values.getOrDefault("password", "").strip())
        : NOBODY;
  }
}
