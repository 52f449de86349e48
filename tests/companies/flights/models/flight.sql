-- fact: flight
-- about: one row per departure
-- day: flight_date
-- needs: {s_flights: 0}
SELECT *
FROM s_flights
