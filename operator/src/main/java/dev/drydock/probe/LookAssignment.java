package dev.drydock.probe;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a CronJob's pod is to look at: everything but the keys, which are mounted from their
 * Secrets.
 *
 * @param schedule as the policy writes it; the pod asks itself whether a run of the CronJob, which
 *     may fire more often, is due
 */
public record LookAssignment(String schedule, String timeZone, List<Target> targets) {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);

  public LookAssignment {
    targets = List.copyOf(targets);
  }

  /**
   * One host.
   *
   * @param demands by the check's name
   */
  public record Target(String name, Reach reach, long timeoutMillis, Map<String, Demand> demands) {
    public Target {
      demands = Map.copyOf(demands);
    }

    /** The same, where the last look was due {@code ago}. */
    public Target after(Duration ago) {
      return new Target(name, reach, timeoutMillis, Demand.Logs.after(demands, ago));
    }
  }

  /**
   * How to reach a host.
   *
   * @param identity the name of the Secret that holds the key
   * @param jump null: directly
   */
  public record Reach(
      String name,
      String address,
      int port,
      String user,
      String identity,
      List<String> hostKeys,
      @Nullable Reach jump) {
    public Reach {
      hostKeys = List.copyOf(hostKeys);
    }
  }

  /** The names of the Secrets that demands take passwords from. */
  public Set<String> credentials() {
    var names = new TreeSet<String>();
    for (Target target : targets) {
      names.addAll(Logins.secrets(target.demands().values()));
    }
    return names;
  }

  /** The same text for the same assignment. */
  public String toJson() {
    try {
      return JSON.writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Reads what {@link #toJson} wrote.
   *
   * @throws IOException if it is something else
   */
  public static LookAssignment fromJson(String json) throws IOException {
    return JSON.readValue(json, LookAssignment.class);
  }
}
