package dev.drydock.api.v1alpha1.hosthealth;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.drydock.api.v1alpha1.common.Formats;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** Demands on a PostgreSQL database. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@ValidationRule(
    value =
        "has(self.connectionsPercentAbove) || has(self.tablesWithoutPrimaryKey)"
            + " || has(self.deadRowsPercentAbove) || has(self.bloatPercentAbove) ||"
            + " has(self.growthPercentPerDayAbove) || has(self.replicationLagAbove)",
    message = "set at least one limit, for example connectionsPercentAbove")
public record Postgresql(
    @Required
        @Size(min = 1, max = 253)
        @Pattern(Formats.OBJECT_NAME)
        @JsonPropertyDescription(
            "Secret with the keys host, port, dbname, username and password, or" + " uri.")
        String secretName,
    @JsonPropertyDescription(
            "True: reached through the host's SSH server, for a database that"
                + " listens on localhost only.")
        @Nullable Boolean viaHost,
    @Min(1)
        @Max(100)
        @JsonPropertyDescription(
            "A larger share of max_connections in use than this is an alert, in" + " percent.")
        @Nullable Integer connectionsPercentAbove,
    @Min(0)
        @Max(10000)
        @JsonPropertyDescription("More tables without a primary key than this is an alert.")
        @Nullable Integer tablesWithoutPrimaryKey,
    @Min(1)
        @Max(100)
        @JsonPropertyDescription(
            "A table with a larger share of dead rows than this is an alert, in" + " percent.")
        @Nullable Integer deadRowsPercentAbove,
    @Min(1)
        @Max(99)
        @JsonPropertyDescription(
            "A table that has a larger share of its space unused than this (bloat) is an alert,"
                + " in percent. It is an estimate from the planner's statistics, of tables of"
                + " 10Mi and more, of the 500 largest if there are more; indexes and what is"
                + " stored apart (TOAST) do not count, space that the table's fillfactor keeps"
                + " free is no bloat. Of a table without statistics nobody knows, and the check"
                + " says so: ANALYZE it, or let the user of the Secret read it, for example with"
                + " GRANT pg_read_all_data. VACUUM makes the space usable for new rows of the"
                + " table, and does not give it back to the disk. pg_repack does while the table"
                + " is used; VACUUM FULL does in a maintenance window, since nobody can use the"
                + " table meanwhile, and both need room for a copy of it.")
        @Nullable Integer bloatPercentAbove,
    @Min(1)
        @Max(1000)
        @JsonPropertyDescription(
            "Growth of the database a day beyond this is an alert, in percent.")
        @Nullable Integer growthPercentPerDayAbove,
    @Size(max = 20)
        @Pattern(Formats.DURATION)
        @JsonPropertyDescription("A replica that lags more than this is an alert, for example 1m.")
        @Nullable String replicationLagAbove) {}
