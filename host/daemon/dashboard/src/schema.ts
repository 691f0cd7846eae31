// Made by `npm run types` from `fanfare openapi`. Not to be edited.

export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        Act: {
            /** Format: date-time */
            at: string;
            details: unknown;
            from: string | null;
            /** Format: int64 */
            id: number;
            outcome: string | null;
            target: string;
            what: string;
            who: string;
        };
        Acts: {
            acts: components["schemas"]["Act"][];
            /** Format: int64 */
            next: number | null;
        };
        AttemptRecord: {
            class?: components["schemas"]["Class"] | null;
            code?: string | null;
            /** Format: double */
            duration_ms: number;
            error?: string | null;
            /** Format: uint64 */
            fuel: number;
            /** Format: uint64 */
            memory: number;
            /** Format: uint32 */
            number: number;
            plugin: string;
            /** Format: date-time */
            started: string;
            trace?: string[];
            trigger: components["schemas"]["Trigger"];
        };
        BatchPolicy: {
            /** Format: uint64 */
            bytes: number;
            linger: string;
            /** Format: uint */
            max: number;
            per?: string | null;
        };
        Begun: {
            dry_run: boolean;
            /** Format: uint64 */
            matched: number;
            /** Format: int64 */
            replay?: number | null;
        };
        Bounds: {
            /** Format: uint */
            concurrency: number;
            /** Format: uint64 */
            fuel: number;
            memory: string;
            /** Format: uint32 */
            reuse: number;
            timeout: string;
        };
        Breaker: {
            /** Format: uint32 */
            failures?: number | null;
            /** Format: uint32 */
            of?: number | null;
            open: string;
            /** Format: uint32 */
            probes: number;
            /** Format: double */
            ratio?: number | null;
        };
        Catalogue: {
            counted: components["schemas"]["CountedEvents"];
            next: string | null;
            schemas: components["schemas"]["EventSchema"][];
            types: components["schemas"]["EventType"][];
        };
        Channel: {
            /** Format: uint64 */
            attempts: number;
            configure?: string | null;
            /** Format: uint64 */
            dead: number;
            /** Format: uint64 */
            dead_letters: number;
            deferred?: {
                [key: string]: number;
            };
            /** Format: uint64 */
            delivered: number;
            digest: string | null;
            error?: string | null;
            filter_errors?: components["schemas"]["FilterErrors"] | null;
            gathered?: components["schemas"]["Gathered"] | null;
            grants: components["schemas"]["Grants"] | null;
            hold?: components["schemas"]["Hold"] | null;
            imports: string[];
            /** Format: uint64 */
            in_flight: number;
            kind: string | null;
            last_error: components["schemas"]["LastError"] | null;
            latency: components["schemas"]["Latency"] | null;
            name: string;
            /** Format: date-time */
            oldest_pending_at: string | null;
            /** Format: uint64 */
            pending: number;
            plugin: string | null;
            policy: components["schemas"]["Policy"] | null;
            policy_from: {
                [key: string]: components["schemas"]["PolicyLayer"];
            };
            secrets: string[];
            settings: string[];
            signed: boolean;
            /** Format: uint64 */
            skipped: number;
            state: components["schemas"]["ChannelState"];
            /** Format: double */
            success_rate: number | null;
            /** Format: uint64 */
            waiting: number;
            warnings?: string[];
        };
        ChannelName: string;
        ChannelResult: {
            /** Format: uint64 */
            attempts: number;
            channel: string;
            class?: components["schemas"]["Class"] | null;
            code?: string | null;
            delivery_id: string;
            detail?: string | null;
            /** Format: double */
            duration_ms?: number | null;
            error?: string | null;
            fallback_for?: string | null;
            /** Format: date-time */
            next_attempt_at?: string | null;
            reason?: components["schemas"]["Skip"] | null;
            receipt?: unknown;
            skipped_replay?: components["schemas"]["SkippedReplay"] | null;
            status: components["schemas"]["ChannelStatus"];
            /** Format: date-time */
            timestamp: string;
            /** Format: date-time */
            until?: string;
            waiting_for?: components["schemas"]["WaitingFor"] | null;
        };
        Channels: {
            channels: components["schemas"]["Channel"][];
            next: null;
        };
        ChannelState: "active" | "missing" | "failed" | "paused" | "suspended" | "open" | "unconfigured";
        /** @enum {string} */
        ChannelStatus: "success" | "failed" | "pending" | "skipped";
        Class: "retry" | "throttled" | "rejected" | "suspended" | "trap" | "fuel" | "timeout" | "memory" | "denied" | "host" | "expired";
        CloudEvent: {
            data?: unknown;
            data_base64?: string | null;
            datacontenttype?: string | null;
            /** Format: uri */
            dataschema?: string | null;
            id: string;
            /** Format: uri-reference */
            source: string;
            /** @constant */
            specversion: "1.0";
            subject?: string | null;
            /** Format: date-time */
            time?: string | null;
            type: string;
        } & {
            [key: string]: string | boolean | number | null;
        };
        ConfigKey: {
            at_restart?: string | null;
            key: string;
            /** Format: uint */
            line?: number | null;
            value: string;
        };
        Configuration: {
            defaults: components["schemas"]["Policy"];
            defaults_from: {
                [key: string]: components["schemas"]["PolicyLayer"];
            };
            file: string;
            keys: components["schemas"]["ConfigKey"][];
            last_reload: components["schemas"]["ReloadReport"] | null;
        };
        Counted: {
            dry_run: boolean;
            /** Format: uint64 */
            matched: number;
        };
        CountedEvents: {
            incomplete: boolean;
            /** Format: uint64 */
            others: number;
            /** Format: uint64 */
            to: number;
            /** Format: uint */
            types: number;
        };
        Counts: {
            /** Format: uint64 */
            attempts: number;
            /** Format: uint64 */
            dead: number;
            /** Format: uint64 */
            dead_letters: number;
            deferred?: {
                [key: string]: number;
            };
            /** Format: uint64 */
            delivered: number;
            /** Format: uint64 */
            in_flight: number;
            /** Format: date-time */
            oldest_pending_at: string | null;
            /** Format: uint64 */
            pending: number;
            /** Format: uint64 */
            skipped: number;
            /** Format: double */
            success_rate: number | null;
            /** Format: uint64 */
            waiting: number;
        };
        DeadLetter: {
            /** Format: date-time */
            at: string;
            /** Format: uint64 */
            attempts: number;
            channel: string;
            class: components["schemas"]["Class"];
            code: string;
            delivery_id: string;
            error: string;
            event_id: string;
            event_type: string;
            /** Format: uint64 */
            offset: number;
            plugin: string | null;
            settings: string;
            source: string;
        };
        DeadLetterInFull: {
            /** Format: date-time */
            at: string;
            /** Format: uint64 */
            attempts: number;
            channel: string;
            class: components["schemas"]["Class"];
            code: string;
            delivery_id: string;
            error: string;
            event: components["schemas"]["CloudEvent"] | null;
            event_id: string;
            event_type: string;
            history: components["schemas"]["AttemptRecord"][];
            /** Format: uint64 */
            offset: number;
            plugin: string | null;
            result: components["schemas"]["EventResult"] | null;
            settings: string;
            source: string;
        };
        DeadLetters: {
            dead_letters: components["schemas"]["DeadLetter"][];
            holes?: components["schemas"]["Hole"][];
            incomplete?: boolean;
            /** Format: int64 */
            next: number | null;
        };
        Did: ("changed" | "unchanged") | "dropped" | "failed";
        Event: {
            attempts: {
                [key: string]: components["schemas"]["AttemptRecord"][];
            };
            event: components["schemas"]["CloudEvent"];
            incomplete?: boolean;
            /** Format: uint64 */
            offset: number;
            other_channels?: {
                [key: string]: components["schemas"]["Explanation"];
            };
            reason?: string | null;
            result: components["schemas"]["EventResult"];
            stages?: components["schemas"]["StageRecord"][];
        };
        EventResult: {
            /** Format: date-time */
            broadcast_at: string;
            channels: {
                [key: string]: components["schemas"]["ChannelResult"];
            };
            duplicate: boolean;
            event_id: string;
            event_type: string;
            /** Format: uint64 */
            offset: number;
            overall_status: components["schemas"]["OverallStatus"];
            summary: components["schemas"]["Summary"];
        };
        Events: {
            events: components["schemas"]["ListedEvent"][];
            holes?: components["schemas"]["Hole"][];
            incomplete?: boolean;
            /** Format: int64 */
            next: number | null;
        };
        EventSchema: {
            dataschema: string | null;
            file: string;
            /** Format: uint64 */
            mismatches: number;
            mode: components["schemas"]["Mode"];
            name: string;
            pattern: string;
            schema?: unknown;
        };
        EventType: {
            /** Format: uint64 */
            events: number;
            example?: components["schemas"]["CloudEvent"] | null;
            /** Format: uint64 */
            last_offset: number | null;
            /** Format: date-time */
            last_seen: string | null;
            schemas: string[];
            type: string;
        };
        EventTypeInFull: {
            definitions: components["schemas"]["EventSchema"][];
            /** Format: uint64 */
            events: number;
            example?: components["schemas"]["CloudEvent"] | null;
            /** Format: uint64 */
            last_offset: number | null;
            /** Format: date-time */
            last_seen: string | null;
            schemas: string[];
            type: string;
        };
        Explanation: {
            deliver: boolean;
            detail?: string | null;
            reason?: components["schemas"]["Reason"] | null;
            /** Format: date-time */
            until?: string;
            waiting_for?: components["schemas"]["Wait"] | null;
        };
        FieldError: {
            detail: string;
            pointer: string;
        };
        FileGrant: {
            guest: string;
            host: string;
            write: boolean;
        };
        Filter: {
            types?: string[];
            when?: string | null;
        } & {
            [key: string]: unknown;
        };
        FilterErrors: {
            /** Format: date-time */
            at: string;
            error: string;
            event_id: string;
            /** Format: uint64 */
            events: number;
        };
        Forgotten: {
            channel: string;
            dry_run: boolean;
            /** Format: uint64 */
            ended: number;
            /** Format: uint64 */
            pending: number;
        };
        Gathered: {
            /** Format: uint */
            batches: number;
            /** Format: uint */
            deliveries: number;
            /** Format: date-time */
            until: string;
        };
        Grants: {
            emit: string[];
            files: components["schemas"]["FileGrant"][];
            http: string[];
            private_network: boolean;
            tcp: string[];
        };
        GrantWanted: {
            grant: string;
            why: string;
        };
        Hold: {
            kind: components["schemas"]["ChannelState"];
            reason: string;
            /** Format: date-time */
            since: string;
            /** Format: date-time */
            until?: string | null;
        };
        Hole: {
            /** Format: int64 */
            after: number;
            /** Format: int64 */
            before: number;
            reason: string;
        };
        Job: {
            /** Format: date-time */
            changed_at: string;
            /** Format: date-time */
            created_at: string;
            /** Format: uint64 */
            dead: number;
            /** Format: uint64 */
            delivered: number;
            error?: string | null;
            /** Format: int64 */
            id: number;
            kind: components["schemas"]["JobKind"];
            /** Format: uint64 */
            matched: number;
            /** Format: uint64 */
            pending: number;
            request: unknown;
            /** Format: uint64 */
            sent: number;
            /** Format: uint64 */
            skipped: number;
            state: components["schemas"]["JobState"];
            waiting?: components["schemas"]["Waiting"][];
        };
        JobKind: "replay" | "redrive" | "purge";
        JobState: ("running" | "failed") | "paused" | "cancelled" | "done";
        Journal: {
            /** Format: uint64 */
            damage?: number | null;
            error?: string | null;
            /** Format: uuid */
            id: string;
            restored: components["schemas"]["Restored"] | null;
            status: components["schemas"]["JournalStatus"];
        };
        JournalStatus: "ok" | "degraded" | "failing";
        LastError: {
            /** Format: date-time */
            at: string;
            class: components["schemas"]["Class"];
            code: string;
            error: string;
        };
        Latency: {
            /** Format: double */
            p50_ms: number;
            /** Format: double */
            p90_ms: number;
            /** Format: double */
            p99_ms: number;
        };
        ListedEvent: {
            event: components["schemas"]["CloudEvent"];
            incomplete?: boolean;
            /** Format: uint64 */
            offset: number;
            reason?: string | null;
            result: components["schemas"]["EventResult"];
        };
        Mode: "reject" | "warn";
        Once: {
            last: boolean;
            per: string;
            within: string;
        };
        OnError: "reject" | "pass";
        OverallStatus: ("success" | "partial" | "failed" | "pending" | "unrouted") | "cancelled";
        Plugin: {
            batches?: boolean;
            channels: components["schemas"]["ChannelName"][];
            configure?: string | null;
            digest: string;
            error?: string | null;
            exports?: string[];
            file?: string | null;
            imports?: string[];
            kind?: string;
            name: string;
            /** Format: uint */
            size: number;
            stages?: components["schemas"]["ChannelName"][];
            wants?: components["schemas"]["GrantWanted"][];
        };
        Plugins: {
            last_reload: components["schemas"]["ReloadReport"] | null;
            next: null;
            plugins: components["schemas"]["Plugin"][];
            reloads: components["schemas"]["ReloadReport"][];
        };
        Policy: {
            batch?: components["schemas"]["BatchPolicy"] | null;
            breaker?: components["schemas"]["Breaker"] | null;
            /** Format: uint */
            concurrency: number;
            delay?: string | null;
            expires?: string | null;
            fallback?: string[];
            fallback_after?: string | null;
            filter?: components["schemas"]["Filter"] | null;
            first?: string | null;
            /** Format: uint64 */
            fuel: number;
            lagging_after: string;
            /** Format: uint64 */
            memory: number;
            once?: components["schemas"]["Once"] | null;
            order: string;
            /** Format: int8 */
            priority: number;
            quiet?: components["schemas"]["Quiet"][];
            rate?: components["schemas"]["Rate"] | null;
            /** Format: uint32 */
            retries: number;
            /** Format: uint32 */
            reuse: number;
            timeout: string;
            waits: string[];
        };
        PolicyLayer: "defaults" | "sidecar" | "channel";
        Problem: {
            class?: components["schemas"]["Class"] | null;
            code?: string | null;
            detail: string;
            errors?: components["schemas"]["FieldError"][];
            report?: components["schemas"]["ReloadReport"] | null;
            stage?: string | null;
            /** Format: uint16 */
            status: number;
            title: string;
            type: string;
        };
        Quiet: {
            days: string[];
            except?: string | null;
            from: string;
            to: string;
            zone: string;
        };
        Rate: {
            /** Format: uint32 */
            burst: number;
            limit: string;
            per?: string | null;
        };
        Reason: "filter" | "filter-error" | "fallback" | "preference";
        RecentFailure: {
            /** Format: date-time */
            at: string;
            /** Format: uint32 */
            attempt: number;
            channel: string;
            class: components["schemas"]["Class"];
            code: string;
            delivery_id: string;
            error: string;
        };
        Recipient: {
            attributes?: {
                [key: string]: unknown;
            };
            /** Format: date-time */
            changed_at?: string;
            channels?: {
                [key: string]: {
                    off?: string[] | boolean;
                    on?: string[];
                };
            };
            email?: string;
            locale?: string;
            phone?: string;
            push?: string[];
            quiet?: "none" | {
                days?: string[];
                except?: string;
                from: string;
                to: string;
                zone: string;
            } | {
                days?: string[];
                except?: string;
                from: string;
                to: string;
                zone: string;
            }[];
            source: components["schemas"]["Source"];
            subject: string;
        };
        Recipients: {
            next: string | null;
            recipients: components["schemas"]["Recipient"][];
        };
        /** @enum {string} */
        ReloadOutcome: "ok" | "rejected";
        ReloadReport: {
            /** Format: date-time */
            at: string;
            changes: string[];
            errors: string[];
            outcome: components["schemas"]["ReloadOutcome"];
        };
        Removed: {
            channel: string;
            /** Format: uint64 */
            dead_letters: number;
            /** Format: uint64 */
            pending: number;
        };
        Replays: {
            next: null;
            replays: components["schemas"]["Job"][];
        };
        Restored: {
            /** Format: date-time */
            at: string;
            /** Format: date-time */
            copied_at: string | null;
            /** Format: uint64 */
            last_offset: number;
        };
        Series: {
            accepted: (number | null)[];
            channels: {
                [key: string]: components["schemas"]["SeriesRates"];
            };
            dead: (number | null)[];
            delivered: (number | null)[];
            failed: (number | null)[];
            /** Format: uint32 */
            step_seconds: number;
            /** Format: date-time */
            until: string;
            window: components["schemas"]["SeriesWindow"];
        };
        SeriesRates: {
            dead: (number | null)[];
            delivered: (number | null)[];
            failed: (number | null)[];
        };
        SeriesWindow: "hour" | "day";
        Session: {
            channels: string[] | null;
            /** Format: date-time */
            expires_at: string | null;
            name: string | null;
            required: boolean;
            scopes: string[];
        };
        Skip: "once" | "cancelled" | "preference";
        SkippedReplay: {
            /** Format: date-time */
            at: string;
            detail: string;
            reason: components["schemas"]["Skip"];
        };
        /** @enum {string} */
        Source: "file" | "api";
        Stage: {
            bounds: components["schemas"]["Bounds"];
            digest: string | null;
            error?: string | null;
            grants: components["schemas"]["Grants"];
            imports: string[];
            kind: string | null;
            last_error: components["schemas"]["StageError"] | null;
            latency: components["schemas"]["Latency"] | null;
            name: string;
            on_error: components["schemas"]["OnError"];
            plugin: string;
            runs: {
                [key: string]: number;
            };
            secrets: string[];
            settings: string[];
            state: components["schemas"]["StageState"];
            types?: string[];
            when?: string | null;
        };
        StageError: {
            /** Format: date-time */
            at: string;
            class: components["schemas"]["Class"];
            code: string;
        };
        StageRecord: {
            changed?: string[];
            class?: components["schemas"]["Class"];
            code?: string;
            did: components["schemas"]["Did"];
            digest?: string | null;
            /** Format: double */
            duration_ms: number;
            plugin: string;
            reason?: string;
            stage: components["schemas"]["ChannelName"];
        };
        Stages: {
            next: null;
            stages: components["schemas"]["Stage"][];
        };
        StageState: "active" | "missing" | "failed";
        Stats: {
            channels: {
                [key: string]: components["schemas"]["Counts"];
            };
            journal: components["schemas"]["Journal"];
            last_reload: components["schemas"]["ReloadReport"] | null;
            latency: components["schemas"]["Latency"] | null;
            recent_failures: components["schemas"]["RecentFailure"][];
            removed: components["schemas"]["Removed"][];
            totals: components["schemas"]["Totals"];
            /** Format: uint64 */
            uptime_seconds: number;
            version: string;
        };
        Summary: {
            /** Format: uint64 */
            failed: number;
            /** Format: uint64 */
            pending: number;
            /** Format: uint64 */
            skipped: number;
            /** Format: uint64 */
            successful: number;
            /** Format: uint64 */
            total_channels: number;
        };
        Tested: {
            channel: string;
            class?: components["schemas"]["Class"] | null;
            code?: string | null;
            delivery_id: string;
            /** Format: double */
            duration_ms: number;
            error?: string | null;
            /** Format: uint64 */
            fuel: number;
            /** Format: uint64 */
            memory: number;
            receipt?: unknown;
            /** @enum {string} */
            status: "success" | "failed";
            trace?: string[];
        };
        Totals: {
            /** Format: uint64 */
            accepted: number;
            /** Format: uint64 */
            attempts: number;
            /** Format: uint64 */
            dead: number;
            /** Format: uint64 */
            delivered: number;
            /** Format: double */
            mean_attempts: number | null;
            /** Format: uint64 */
            pending: number;
            /** Format: uint64 */
            skipped: number;
            /** Format: double */
            success_rate: number | null;
        };
        /** @enum {string} */
        Trigger: "first" | "retry" | "replay" | "manual" | "fallback";
        Wait: "at" | "delay" | "quiet" | "once" | "rate" | "batch";
        Waiting: {
            channel: string;
            /** Format: uint64 */
            deliveries: number;
            /** Format: date-time */
            until?: string;
            waiting_for: components["schemas"]["WaitingFor"];
        };
        WaitingFor: "paused" | "suspended" | "breaker" | "rate" | "plugin" | "retry" | "at" | "delay" | "quiet" | "once" | "batch" | "order";
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
