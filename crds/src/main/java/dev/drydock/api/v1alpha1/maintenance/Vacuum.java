package dev.drydock.api.v1alpha1.maintenance;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.drydock.api.v1alpha1.common.Formats;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** VACUUM of PostgreSQL databases. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Vacuum(
    @Required @JsonPropertyDescription("The server, and the database that is logged in to.")
        Database postgresql,
    @Size(min = 1, max = 50)
        @ValidationRule(
            value = "!('*' in self) || self.size() == 1",
            message =
                "* stands for every database: leave the other names out, or leave * out and name"
                    + " each database")
        @JsonPropertyDescription(
            "Databases of that server, one after the other; [\"*\"]: every one that the Secret's"
                + " user may connect to, without templates. Default: the Secret's.")
        List<@Size(min = 1, max = 63) @Pattern(Formats.ONE_LINE) String> databases,
    @Default("true")
        @JsonPropertyDescription("True: the planner's statistics are renewed, too. Default true.")
        @Nullable Boolean analyze,
    @Default("5s")
        @Size(max = 20)
        @Pattern(Formats.DURATION)
        @JsonPropertyDescription(
            "How long to wait for a lock on a table; then the table is left out, and who holds the"
                + " lock is reported. Default 5s.")
        @Nullable String lockTimeout,
    @Default("20")
        @Min(0)
        @Max(1000)
        @JsonPropertyDescription(
            "How many of the largest tables of each database are reported with their size. Default"
                + " 20.")
        @Nullable Integer reportTables) {

  public Vacuum {
    databases = databases == null ? List.of() : List.copyOf(databases);
  }

  /** Where a PostgreSQL database is. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record Database(
      @Required
          @Size(min = 1, max = 253)
          @Pattern(Formats.OBJECT_NAME)
          @JsonPropertyDescription(
              "Secret with the keys host, port, dbname, username and password, or uri.")
          String secretName,
      @JsonPropertyDescription(
              "True: reached through the host's SSH server, for a database that listens on"
                  + " localhost only; of several hosts, the first by name. Default false.")
          @Nullable Boolean viaHost) {}
}
